"""Metrics against their definitions, written out pair by pair."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.evaluation.metrics import auc, cumulated, pairs_above, places, stand, tpr_at

# Few values, so that ties are common.
VALUES = st.lists(st.integers(-3, 3).map(float), min_size=1, max_size=12).map(np.array)
RATES = st.sampled_from([0.0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.99])


@given(positive=VALUES, negative=VALUES)
def test_auc_is_the_chance_that_a_positive_stands_higher(
    positive: np.ndarray, negative: np.ndarray
) -> None:
    wins = [1.0 if p > n else 0.5 if p == n else 0.0 for p in positive for n in negative]
    assert np.isclose(auc(positive, negative), np.mean(wins))


@given(positive=VALUES, negative=VALUES, fpr=RATES)
def test_tpr_is_the_best_that_a_threshold_with_few_false_positives_gives(
    positive: np.ndarray, negative: np.ndarray, fpr: float
) -> None:
    allowed = [t for t in negative if (negative > t).mean() <= fpr]
    assert tpr_at(positive, negative, fpr) == (positive > min(allowed)).mean()


@given(data=st.data(), positive=VALUES, negative=VALUES, fpr=RATES)
def test_a_weight_counts_as_often_as_it_says(
    data: st.DataObject, positive: np.ndarray, negative: np.ndarray, fpr: float
) -> None:
    def weights(n: int) -> np.ndarray:
        return data.draw(arrays(np.int64, n, elements=st.integers(0, 3)))

    negative.sort()
    of_positive, of_negative = weights(len(positive)), weights(len(negative))
    standing, below = stand(positive, negative), cumulated(of_negative.astype(float))
    repeated = np.repeat(positive, of_positive), np.repeat(negative, of_negative)
    found = [standing.auc(of_positive, below), standing.tpr_at(fpr, of_positive, below)]
    if all(map(len, repeated)):
        assert np.allclose(found, [auc(*repeated), tpr_at(*repeated, fpr)])
    else:
        assert np.isnan(found).all()


def test_without_pairs_there_is_no_figure() -> None:
    some, none = np.ones(3), np.empty(0)
    for positive, negative in ((some, none), (none, some), (none, none)):
        assert np.isnan(auc(positive, negative))
        assert np.isnan(tpr_at(positive, negative, 0.1))


def test_pairs_are_taken_once() -> None:
    values = np.arange(9.0).reshape(3, 3)
    assert pairs_above(values, np.ones((3, 3), dtype=bool)).tolist() == [1, 2, 5]


MASKS = arrays(bool, (4, 5))


@given(values=arrays(float, (4, 5), elements=st.integers(0, 4)), wanted=MASKS, candidates=MASKS)
def test_a_place_counts_the_others_that_stand_no_lower(
    values: np.ndarray, wanted: np.ndarray, candidates: np.ndarray
) -> None:
    for row, place in enumerate(places(values, wanted, candidates)):
        own = [values[row, i] for i in range(5) if wanted[row, i] and candidates[row, i]]
        if not wanted[row].any():
            assert np.isnan(place)
        elif not own:
            assert np.isinf(place)
        else:
            others = candidates[row] & ~wanted[row]
            assert place == (values[row, others] >= max(own)).sum()
