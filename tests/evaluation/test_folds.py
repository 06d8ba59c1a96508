"""Folds: no family is ever split, and what is left is large enough."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evaluation.folds import MOST_FOLDS, choose_folds, pairs_of, smallest_rest, split

FAMILIES = st.lists(st.sampled_from(["", "a", "b", "c", "d", "e"]), min_size=3, max_size=40)


@given(families=FAMILIES, n_folds=st.integers(3, 6), seed=st.integers(0, 5))
def test_a_family_is_never_split(families: list[str], n_folds: int, seed: int) -> None:
    folds = split(families, n_folds, seed)
    for name in set(families) - {""}:
        assert (
            len({fold for fold, other in zip(folds, families, strict=True) if other == name}) == 1
        )
    assert (folds == split(families, n_folds, seed)).all()


@given(n=st.integers(6, 40), n_folds=st.integers(3, 6), seed=st.integers(0, 5))
def test_models_of_no_family_are_dealt_evenly(n: int, n_folds: int, seed: int) -> None:
    sizes = np.bincount(split([""] * n, n_folds, seed), minlength=n_folds)
    assert sizes.max() - sizes.min() <= 1


@given(folds=st.lists(st.integers(0, 4), min_size=3).map(lambda some: np.array([*range(5), *some])))
def test_the_smallest_rest_lacks_the_two_largest_folds(folds: np.ndarray) -> None:
    rests = [int((~np.isin(folds, pair)).sum()) for pair in pairs_of(folds)]
    assert smallest_rest(folds) == min(rests)
    assert pairs_of(folds) == list(combinations(range(5), 2))


@given(
    sizes=st.lists(st.integers(1, 12), min_size=1, max_size=12),
    wanted=st.integers(3, 6),
    seed=st.integers(0, 3),
)
def test_what_is_chosen_leaves_enough(sizes: list[int], wanted: int, seed: int) -> None:
    families = [f"f{number}" for number, size in enumerate(sizes) for _ in range(size)]
    folds = choose_folds(families, wanted, seed)
    if folds is None:
        tried = range(wanted, min(len(sizes), MOST_FOLDS) + 1)
        assert all(smallest_rest(split(families, n, seed)) < 30 for n in tried)
    else:
        assert folds.max() + 1 >= wanted
        assert smallest_rest(folds) >= 30


@pytest.mark.parametrize(("n", "n_folds"), [(31, None), (36, 12), (40, 8), (60, 4), (1000, 4)])
def test_more_folds_are_made_where_few_would_leave_too_little(n: int, n_folds: int | None) -> None:
    folds = choose_folds([""] * n, 4, 0)
    assert (None if folds is None else folds.max() + 1) == n_folds
