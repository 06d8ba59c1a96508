"""A leaf: who takes part in a derivation graph, what is claimed of them and what behaviour says."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.lineage.claims import Support
from app.lineage.dates import Dated

F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Member:
    """One model, or several of the same content; `released` are the most trusted dates first.

    `unchecked` is a sentence on a base that it declares and that is not in the graph, so that
    nobody can say whether it is the parent; empty where there is none.
    """

    name: str
    released: tuple[Dated, ...] = ()
    unchecked: str = ""


@dataclass(frozen=True)
class Declared:
    """That a member declares another as its base, who says so, and what behaviour says of it."""

    child: int
    parent: int
    sources: tuple[str, ...]
    support: Support


@dataclass(frozen=True, eq=False)
class Evidence:
    """What behaviour says of n members; all (n, n), a row is what is said when that one asks.

    `related`: the verdict is one of relatives. `unclear`: the two may be, and may not.
    `distance`: less is nearer; not a number where the two were not compared. `likeness`:
    correlations of centred log-probabilities, by which merges and siblings are told; None for
    other responses, of which it was not measured.
    """

    related: Mask
    unclear: Mask
    distance: F64
    likeness: F64 | None = None
