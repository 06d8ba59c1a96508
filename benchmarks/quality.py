"""A leaf: how well scores of pairs tell related models from unrelated ones."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from app.evaluation.metrics import cumulated, stand

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]


def pairs_above(scores: F64, chosen: Mask) -> F64:
    """The scores of the chosen pairs, each once: both arguments (n, n) and symmetric."""
    above: F64 = scores[np.triu(chosen, 1)]
    return above


def auc(positive: F64, negative: F64) -> float:
    """The chance that a positive scores above a negative, ties counted half."""
    return stand(positive, np.sort(negative)).auc(np.ones(len(positive)), _counted(negative))


def tpr_at(positive: F64, negative: F64, fpr: float) -> float:
    """The share of positives above a threshold that at most `fpr` of the negatives exceed."""
    placed = stand(positive, np.sort(negative))
    return placed.tpr_at(fpr, np.ones(len(positive)), _counted(negative))


def _counted(negative: F64) -> F64:
    return cumulated(np.ones(len(negative)))


def parent_nearest(
    scores: F64, names: Sequence[str], parents: Mapping[str, Collection[str]]
) -> F64:
    """For each child with a parent among `names`: 1 if a parent scores above all others, else 0.

    A tie with a model that is no parent is 0.
    """
    hits = []
    for row, name in enumerate(names):
        is_parent = np.array([other in parents.get(name, ()) for other in names])
        others = ~is_parent
        others[row] = False
        if is_parent.any():
            best = scores[row, others].max(initial=-np.inf)
            hits.append(float(scores[row, is_parent].max() > best))
    return np.array(hits)
