"""A leaf: what is known of one node, under the names that the formats share."""

import math

from app.phylo.annotated import Annotated


def numbers(annotated: Annotated, node: int) -> dict[str, float]:
    """Return the numbers of the branch above a node: "support" and the named columns.

    What is not known is left out.
    """
    columns = {**annotated.branches}
    if annotated.tree.support is not None:
        columns = {"support": annotated.tree.support, **columns}
    found = {name: float(column[node]) for name, column in columns.items()}
    return {name: number for name, number in found.items() if not math.isnan(number)}


def date(annotated: Annotated, node: int) -> float | None:
    """Return the date of a node in decimal years, None where it is not known."""
    if annotated.dates is None or math.isnan(annotated.dates[node]):
        return None
    return float(annotated.dates[node])


def words(annotated: Annotated, node: int) -> dict[str, str]:
    """Return what is said of a tip: "family" and the traits; of inner nodes nothing is said."""
    if node >= annotated.tree.n_tips:
        return {}
    columns = {**annotated.traits}
    if annotated.families:
        columns = {"family": annotated.families, **columns}
    found = {name: column[node] for name, column in columns.items()}
    return {name: said for name, said in found.items() if said}
