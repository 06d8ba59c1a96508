"""Families: which models of a population belong together, as labels 0, 1, 2, ..."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def connected(near: Mask) -> Labels:
    """Labels of the connected components of a symmetric (n, n) matrix, in order of appearance."""
    labels = np.full(len(near), -1)
    for start in range(len(near)):
        if labels[start] < 0:
            labels[start], waiting = start, [start]
            while waiting:
                reached = np.flatnonzero(near[waiting.pop()] & (labels < 0))
                labels[reached] = start
                waiting.extend(reached.tolist())
    return _renumbered(labels)


def declared(names: Sequence[str]) -> Mask:
    """Pairs (n, n) that name the same family; an empty name is in no family but its own."""
    known = np.array([bool(name) for name in names], dtype=bool)
    labels = np.unique(np.array(names, dtype=str), return_inverse=True)[1]
    same: Mask = (labels[:, None] == labels) & known[:, None]
    return same | np.eye(len(names), dtype=bool)


def _renumbered(labels: Labels) -> Labels:
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    order = np.empty_like(first)
    order[np.argsort(first)] = np.arange(len(first))
    return np.asarray(order[inverse], dtype=np.int64)
