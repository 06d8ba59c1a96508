"""Use case: the nodes of a tree get dates from the release dates of its tips, where they can."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from app.errors import InputError
from app.phylo.annotated import Annotated
from app.phylo.dating import date_tree
from app.services.trees.facts import TipFacts

SEED = 0
# What says that there is nothing to date by, and not that the question was wrong.
INCONCLUSIVE = ("too_few_dates", "no_signal")


@dataclass(frozen=True)
class DatingFacts:
    """Whether the nodes could be dated, in words, and the numbers behind it."""

    verdict: Literal["dated", "inconclusive"]
    detail: str
    fit: Mapping[str, float]


def with_release_dates(annotated: Annotated, facts: TipFacts) -> Annotated:
    """The tree with the dates of its tips; inner nodes have none."""
    dates = np.full(annotated.tree.n_nodes, np.nan)
    dates[: annotated.tree.n_tips] = facts.dates
    return annotated if np.isnan(dates).all() else replace(annotated, dates=dates)


def dated(annotated: Annotated, facts: TipFacts) -> tuple[Annotated, DatingFacts]:
    """The tree with dates of all nodes; where the signal is too weak as it was, and why."""
    try:
        found = date_tree(annotated.tree, facts.dates, SEED)
    except InputError as error:
        if error.code not in INCONCLUSIVE:
            raise
        return annotated, DatingFacts("inconclusive", error.detail, {})
    root = annotated.tree.root
    low, high = found.rate_interval
    detail = (
        f"root {found.dates[root]:.1f} ({found.earliest[root]:.1f} to {found.latest[root]:.1f}), "
        f"{found.rate:.3g} ({low:.3g} to {high:.3g}) a year, p = {found.p_value:.2g}, "
        f"from {found.n_dated:,} dated models; intervals of 95 %"
    )
    fit = {
        "root": float(found.dates[root]),
        "root_earliest": float(found.earliest[root]),
        "root_latest": float(found.latest[root]),
        "rate": found.rate,
        "rate_low": low,
        "rate_high": high,
        "p_value": found.p_value,
        "n_dated": found.n_dated,
    }
    return replace(annotated, dates=found.dates), DatingFacts("dated", detail, fit)
