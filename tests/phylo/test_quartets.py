"""Quartets: the definition written out on random trees, and families that count more often."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.phylo.paths import tip_distances
from app.phylo.quartets import Accuracy, by_distances, known_quartets, shown
from app.phylo.rooting import midpoint
from app.phylo.splits import splits
from app.phylo.tree import assemble
from tests.phylo.strategies import caterpillar, trees

FAMILIES = st.lists(st.integers(0, 3), min_size=4, max_size=14)


def masks(families: list[int]) -> tuple[np.ndarray, np.ndarray]:
    codes = np.array(families)
    same = codes[:, None] == codes
    return same & ~np.eye(len(codes), dtype=bool), ~same


def written_out(families: list[int]) -> list[tuple[int, int, int, int]]:
    pairs = [(a, b) for a, b in combinations(range(len(families)), 2) if families[a] == families[b]]
    return [
        (*one, *other) for one, other in combinations(pairs, 2)
        if families[one[0]] != families[other[0]]
    ]  # fmt: skip


@given(families=FAMILIES)
def test_all_quartets_of_two_families_are_known(families: list[int]) -> None:
    found = known_quartets(*masks(families))
    assert not found.is_sample
    assert sorted(map(tuple, found.members.tolist())) == sorted(written_out(families))


@given(families=FAMILIES, data=st.data())
@settings(deadline=None)
def test_a_quartet_is_shown_by_a_branch_between_its_pairs(
    families: list[int], data: st.DataObject
) -> None:
    n = len(families)
    tree = data.draw(trees(n, n))
    quartets = known_quartets(*masks(families))
    sides = splits(tree)
    expected = [
        any({a, b} <= side and not {c, d} & side for side in sides)
        or any({c, d} <= side and not {a, b} & side for side in sides)
        for a, b, c, d in quartets.members.tolist()
    ]
    assert shown(tree, quartets).tolist() == expected
    assert shown(midpoint(tree), quartets).tolist() == expected


@given(data=st.data(), families=FAMILIES)
@settings(deadline=None)
def test_distances_along_a_tree_lead_to_its_quartets(
    data: st.DataObject, families: list[int]
) -> None:
    n = len(families)
    tree = data.draw(trees(n, n, binary=True))
    quartets = known_quartets(*masks(families))
    by_path = by_distances(tip_distances(tree), quartets)
    assert by_path.tolist() == shown(tree, quartets).tolist()


def test_members_stand_for_tips() -> None:
    tree = assemble(
        ["x", "a", "b", "c", "d", None, None, None], [7, 5, 5, 6, 6, 7, 7, -1], [1.0] * 7 + [0]
    )
    quartets = known_quartets(*masks([0, 0, 1, 1]))
    assert shown(tree, quartets, np.array([1, 2, 3, 4])).tolist() == [True]
    assert shown(tree, quartets, np.array([1, 3, 2, 4])).tolist() == [False]


def test_a_star_shows_nothing() -> None:
    star = assemble([*"abcd", None], [4, 4, 4, 4, -1], [1.0] * 4 + [0])
    quartets = known_quartets(*masks([0, 0, 1, 1]))
    assert not shown(star, quartets).any()
    assert not by_distances(np.ones((4, 4)), quartets).any()


def test_the_deepest_tree_of_a_thousand_tips() -> None:
    families = np.arange(1000) // 4
    quartets = known_quartets(*masks(families.tolist()), seed=1)
    assert shown(caterpillar(1000), quartets).all()


def test_many_quartets_are_sampled_and_the_seed_says_which() -> None:
    related, apart = masks([0] * 30 + [1] * 30)
    found = known_quartets(related, apart, seed=5, most=1000)
    assert found.is_sample
    assert 300 < len(found) < 700  # half of all pairs of pairs are of two families
    assert related[found.members[:, 0], found.members[:, 1]].all()
    assert apart[found.members[:, 0], found.members[:, 3]].all()
    again = known_quartets(related, apart, seed=5, most=1000)
    assert np.array_equal(found.members, again.members)
    assert not np.array_equal(
        found.members[:50], known_quartets(related, apart, 6, 1000).members[:50]
    )


@given(families=FAMILIES, seed=st.integers(0, 99))
def test_a_family_counts_as_often_as_it_was_drawn(families: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    quartets = known_quartets(*masks(families))
    right = rng.random(len(quartets)) < 0.5
    counts = rng.integers(0, 3, size=max(families) + 1).astype(float)
    found = Accuracy(right, quartets, np.array(families))
    codes = np.array(families)[quartets.members]
    weights = counts[codes[:, 0]] * counts[codes[:, 2]]
    for share, weight in ((found.share(), np.ones(len(right))), (found.share(counts), weights)):
        if weight.sum():
            assert share == pytest.approx(right @ weight / weight.sum())
        else:
            assert np.isnan(share)


def test_a_merge_of_two_families_counts_with_both() -> None:
    related, apart = masks([0, 1, 2, 2])
    related[0, 1] = related[1, 0] = True
    apart[0, 1] = apart[1, 0] = False
    quartets = known_quartets(related, apart)
    found = Accuracy(np.array([True]), quartets, np.array([0, 1, 2, 2]))
    assert found.share(np.array([2.0, 1, 1])) == 1
    assert np.isnan(found.share(np.array([2.0, 0, 1])))


@pytest.mark.parametrize("families", [[0], [0, 1], [0, 0, 0], [0, 1, 2, 3]])
def test_without_a_quartet_there_is_no_share(families: list[int]) -> None:
    quartets = known_quartets(*masks(families))
    assert len(quartets) == 0
    assert np.isnan(Accuracy(np.zeros(0, dtype=bool), quartets, np.array(families)).share())


def test_distances_that_are_no_numbers_are_refused() -> None:
    quartets = known_quartets(*masks([0, 0, 1, 1]))
    with pytest.raises(InputError, match="bad_distances"):
        by_distances(np.full((4, 4), np.nan), quartets)
