import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.quality import auc, pairs_above, parent_nearest, tpr_at

# Few different values, so that ties are common.
scores = st.lists(st.integers(-3, 3), min_size=1, max_size=30).map(np.array)


@given(scores, scores)
def test_auc_is_the_share_of_pairs_in_order_ties_counted_half(positive, negative):
    above = (positive[:, None] > negative).mean() + (positive[:, None] == negative).mean() / 2
    assert auc(positive, negative) == pytest.approx(above)
    assert auc(negative, positive) == pytest.approx(1 - above)


@given(scores, scores, st.sampled_from([0.0, 0.01, 0.1, 0.5]))
def test_tpr_is_the_best_that_a_threshold_gives_within_the_false_positives(positive, negative, fpr):
    thresholds = [level for level in range(-4, 4) if (negative > level).mean() <= fpr]
    best = max((positive > level).mean() for level in thresholds)
    assert tpr_at(positive, negative, fpr) == pytest.approx(best)


def test_pairs_count_once_and_never_with_themselves():
    matrix = np.array([[9.0, 1, 2], [1, 9, 3], [2, 3, 9]])
    assert sorted(pairs_above(matrix, np.ones((3, 3), dtype=bool))) == [1, 2, 3]


def test_a_parent_is_nearest_only_when_it_scores_above_all_others():
    matrix = np.array(
        [[1.0, 0.5, 0.2, 0.2], [0.5, 1, 0.5, 0.1], [0.2, 0.5, 1, 0.3], [0.2, 0.1, 0.3, 1]]
    )
    names = ["root", "child", "grandchild", "stranger"]
    parents = {"child": ["root"], "grandchild": ["child"], "stranger": ["not here"]}
    assert parent_nearest(matrix, names, parents).tolist() == [0.0, 1.0]


def test_the_nearer_of_two_parents_is_enough():
    matrix = np.array([[1.0, 0.1, 0.6], [0.1, 1, 0.2], [0.6, 0.2, 1]])
    assert parent_nearest(matrix, ["a", "b", "merge"], {"merge": ["a", "b"]}).tolist() == [1.0]
