"""Merges among many relatives: who is a mix of which two, copies of the parents set aside."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from app.lineage.merging import find_mix
from app.lineage.siblings import SAME

F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
# By the child: its two parents, each with its share.
Merges = Mapping[int, Mapping[int, float]]


def find_merges(
    products: F64, may_be_parent: Mask, before: Mask, children: Sequence[int] | None = None
) -> Merges:
    """Find the merges among n models, or among `children`.

    `products` (n, n) are correlations of centred responses; `may_be_parent[child, parent]` says
    who may be a parent of whom, `before[a, b]` who was there before whom for sure. O(k^2) a child
    with k possible parents.
    """
    found: dict[int, dict[int, float]] = {}
    for child in range(len(products)) if children is None else children:
        mix = find_mix(products, child, may_be_parent[child])
        if mix:
            pair = [mix.first, mix.second]
            originals = [_original(parent, products, before) for parent in pair]
            if len({child, *originals}) == 3:
                pair = originals
            found[child] = dict(zip(pair, (mix.share, 1 - mix.share), strict=True))
    return found


def _original(parent: int, products: F64, before: Mask) -> int:
    """Who a parent is a copy of by its behaviour, if one was there before it; else itself."""
    while True:
        same = (1 - products[parent] < SAME) & before[:, parent]
        if not same.any():
            return parent
        parent = int(same.argmax())
