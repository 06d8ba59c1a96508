"""What a tree shows of the clades that a lineage knows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.errors import InputError
from app.evaluation.lineage_file import LineageRow
from app.phylo.clade_verdicts import CladeVerdict, clade_verdicts
from app.phylo.comparison import true_clades
from app.phylo.pruning import pruned
from app.phylo.shared_tips import FEWEST, indexed
from app.phylo.tree import Tree


@dataclass(frozen=True)
class JudgedTree:
    """A tree of `n_tips`, of which the lineage knows `n_shared`, and its verdict on each clade."""

    n_tips: int
    n_shared: int
    verdicts: tuple[CladeVerdict, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many clades the tree shows, contradicts and leaves open."""
        found = Counter(one.verdict for one in self.verdicts)
        return {verdict: found[verdict] for verdict in ("shown", "contradicted", "open")}

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {
            "n_tips": self.n_tips,
            "n_shared": self.n_shared,
            "n_clades": len(self.verdicts),
            **self.counts,
            "clades": [_clade(one) for one in self.verdicts],
        }


def judge_clades(tree: Tree, rows: Sequence[LineageRow]) -> JudgedTree:
    """Compare a tree with a lineage, over the tips whose base the lineage knows.

    A model without a known parent hangs from its base. Raises InputError `duplicate_tips`,
    `too_few_shared_tips`, or `no_clades` where what is shared says nothing of a tree.
    """
    index = indexed(tree)
    known = [row.model for row in rows if row.has_base and row.model in index]
    if len(known) < FEWEST:
        raise InputError(
            "too_few_shared_tips",
            f"The lineage knows the base of {len(known)} models of the tree: it takes {FEWEST}.",
        )
    some = pruned(tree, sorted(index[model] for model in known))
    clades = true_clades(_parents(rows), some.labels)
    return JudgedTree(tree.n_tips, len(known), tuple(clade_verdicts(some, clades)))


def _parents(rows: Sequence[LineageRow]) -> Mapping[str, Sequence[str]]:
    parents: dict[str, Sequence[str]] = {}
    for row in rows:
        base = (row.base,) if row.has_base and row.base != row.model else ()
        parents[row.model] = row.parents or base
    return parents


def _clade(one: CladeVerdict) -> dict[str, Any]:
    return {
        "head": one.clade.head,
        "inside": sorted(one.clade.inside),
        "free": sorted(one.clade.free),
        "verdict": one.verdict,
        "away": list(one.away),
        "among": list(one.among),
        "support": one.support,
    }
