"""The genealogy of tests/genealogy.py as evidence, without a registry."""

from collections.abc import Mapping, Sequence

import numpy as np

from app.lineage.claims import Support
from app.lineage.dates import Dated
from app.lineage.derivation import Derivation, derive
from app.lineage.members import Declared, Evidence, Member
from tests.genealogy import FAMILY, RELEASED, surprises

NAMES = [*FAMILY, "stranger-0", "stranger-1"]
PLACES = {name: place for place, name in enumerate(NAMES)}
TRUE = {(child, parent) for child, parents in FAMILY.items() for parent in parents}
N_FAMILY = len(FAMILY)


def evidence(*, likeness: bool = True) -> Evidence:
    """The family are relatives, strangers are not, and everything is told."""
    made = surprises()
    rows = np.array([made[name].ravel() for name in NAMES])
    rows = rows - np.mean([made[name].ravel() for name in made if name not in FAMILY], axis=0)
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    products = units @ units.T
    related = np.zeros(products.shape, dtype=bool)
    related[:N_FAMILY, :N_FAMILY] = ~np.eye(N_FAMILY, dtype=bool)
    unclear = np.zeros_like(related)
    return Evidence(related, unclear, 1 - products, products if likeness else None)


def members(dates: Mapping[str, str] = RELEASED, **unchecked: str) -> list[Member]:
    """The models with their dates; `unchecked` by name with underscores."""
    return [
        Member(
            name,
            (Dated(dates[name], "hub"),) if name in dates else (),
            unchecked.get(name.replace("-", "_"), ""),
        )
        for name in NAMES
    ]


def declared(child: str, parent: str, support: Support = "supported") -> Declared:
    return Declared(PLACES[child], PLACES[parent], ("model card",), support)


def derived(
    dates: Mapping[str, str] = RELEASED, claims: Sequence[Declared] = (), **unchecked: str
) -> Derivation:
    return derive(members(dates, **unchecked), evidence(), claims)


def pairs(found: Derivation, kind: str = "") -> set[tuple[str, str]]:
    """Child and parent of the edges that hold."""
    return {
        (NAMES[edge.child], NAMES[edge.parent])
        for edge in found.edges
        if edge.holds and (not kind or edge.kind == kind)
    }


def standing(found: Derivation, name: str) -> str:
    return found.places[PLACES[name]].standing
