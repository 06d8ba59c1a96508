"""Use case: the trees of the same models under two protocols, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.dna.protocol import Protocol
from app.errors import InputError
from app.phylo.shared_tips import FEWEST
from app.phylo.side_by_side import SideBySide, side_by_side
from app.phylo.tree import Tree
from app.records import ModelRecord
from app.services.trees.growth import Growth
from app.services.trees.model_tree import ModelTree
from app.services.trees.trees import Trees
from app.store import entries, models
from app.store.database import Session

# Measures of likeness read no support.
GROWTH = Growth(replicates=0)


@dataclass(frozen=True)
class TreeComparison:
    """Two trees over the same models, `tips` in the order that `found` numbers them."""

    a: ModelTree
    b: ModelTree
    tips: tuple[ModelRecord, ...]
    found: SideBySide


def compare_trees(
    session: Session,
    trees: Trees,
    protocols: tuple[Protocol, Protocol],
    chosen: Sequence[ModelRecord] = (),
) -> TreeComparison:
    """Compare the trees of some models, or of all that have an entry under both protocols.

    Raises InputError `same_protocol`, `too_few_shared_tips` or `too_many_tips`, and NotFoundError
    `not_fingerprinted` where a chosen model lacks an entry.
    """
    first, second = protocols
    if first.digest == second.digest:
        raise InputError(
            "same_protocol", f"Both protocols are {first.name}: name another to compare it with."
        )
    some = chosen or _with_both(session, first, second)
    if len({model.digest for model in some}) < FEWEST:
        raise InputError(
            "too_few_shared_tips",
            f"{len(some)} models have entries under both {first.name} and {second.name}: to "
            f"compare their trees it takes {FEWEST}.",
        )
    a, b = (trees.of(session, protocol, some, GROWTH) for protocol in protocols)
    found = side_by_side(_by_id(a), _by_id(b))
    known = {tip[0].id: tip[0] for tip in a.tips}
    return TreeComparison(a, b, tuple(known[name] for name in found.names), found)


def _with_both(session: Session, first: Protocol, second: Protocol) -> list[ModelRecord]:
    """The oldest model of each content that has both entries, in the order of the first."""
    others = {entry.model_digest for entry in entries.oldest(session, second)}
    digests = [
        entry.model_digest
        for entry in entries.oldest(session, first)
        if entry.model_digest in others
    ]
    owners = models.by_digest(session, digests)
    return [owners[digest][0] for digest in digests]


def _by_id(tree: ModelTree) -> Tree:
    """Two models may share a name, but not an id."""
    return replace(tree.tree, labels=tuple(tip[0].id for tip in tree.tips))
