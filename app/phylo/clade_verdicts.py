"""What a tree says of each clade of a known genealogy: shown, contradicted or left open."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from app.errors import InputError
from app.phylo.comparison import Clade
from app.phylo.shared_tips import indexed
from app.phylo.splits import clade_masks, mask_of, members
from app.phylo.tree import Tree


@dataclass(frozen=True)
class CladeVerdict:
    """One clade, and the branch of two tips or more on either side that comes nearest to it.

    verdict: "shown" by a branch; "contradicted", when some branch divides both its members and
    the others, so that no tree that has the branch shows the clade; "open", when the tree has
    neither (a node with many children). away: members that lie on the other side of the nearest
    branch; among: others that lie among the members; none of either where the tree has no such
    branch. support: of the branch that shows the
    clade, or of the best supported that contradicts it; None where there is none.
    """

    clade: Clade
    verdict: Literal["shown", "contradicted", "open"]
    away: tuple[str, ...]
    among: tuple[str, ...]
    support: float | None


def clade_verdicts(tree: Tree, clades: Collection[Clade]) -> list[CladeVerdict]:
    """Judge each clade by the branches of the tree, wherever its root is; time O(clades nodes).

    Raises InputError `no_clades`, `duplicate_tips`, or `different_tips` for a clade with models
    that the tree lacks.
    """
    if not clades:
        raise InputError("no_clades", "Give at least one clade with two tips in and two out.")
    index = indexed(tree)
    masks = {
        node: mask
        for node, mask in enumerate(clade_masks(tree))
        if 2 <= mask.bit_count() <= tree.n_tips - 2
    }
    return [_judge(tree, clade, masks, index) for clade in clades]


def _judge(
    tree: Tree, clade: Clade, masks: Mapping[int, int], index: Mapping[str, int]
) -> CladeVerdict:
    if not clade.inside | clade.free <= index.keys():
        raise InputError("different_tips", "Give clades of tips that the tree has.")
    inside = mask_of(index[name] for name in clade.inside)
    free = mask_of(index[name] for name in clade.free)
    outside = mask_of(tree.tips) ^ inside ^ free

    def faults(mask: int) -> tuple[int, int]:
        """How many models stand on the wrong side; of as many, rather others than members."""
        return mask.bit_count(), (mask & inside).bit_count()

    # Either side of a branch may be the clade's.
    wrong = {
        node: min(
            (inside & ~side) | (outside & side), (inside & side) | (outside & ~side), key=faults
        )
        for node, side in masks.items()
    }
    nearest = min(wrong.values(), key=faults, default=0)
    against = [node for node, side in masks.items() if _divides(side, inside, outside)]
    shown = [node for node, mask in wrong.items() if not mask]
    verdict: Literal["shown", "contradicted", "open"] = "shown"
    if not shown:
        verdict = "contradicted" if against else "open"
    return CladeVerdict(
        clade,
        verdict,
        _names(tree, nearest & inside),
        _names(tree, nearest & outside),
        _best(tree, shown or against),
    )


def _divides(side: int, inside: int, outside: int) -> bool:
    """Whether a branch has members and others of a clade on both of its sides."""
    return bool(inside & side and inside & ~side and outside & side and outside & ~side)


def _names(tree: Tree, mask: int) -> tuple[str, ...]:
    return tuple(tree.labels[tip] for tip in sorted(members(mask)))


def _best(tree: Tree, nodes: Iterable[int]) -> float | None:
    if tree.support is None:
        return None
    known = [float(tree.support[node]) for node in nodes if tree.support[node] >= 0]
    return max(known, default=None)
