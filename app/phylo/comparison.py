"""How alike two trees are, and how much of a known genealogy a tree shows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from app.errors import InputError
from app.phylo.shared_tips import indexed
from app.phylo.splits import mask_of, split_masks
from app.phylo.tree import Tree


@dataclass(frozen=True)
class Clade:
    """What a tree should show of one ancestor, among the tips under study.

    head: the ancestor. inside: it and those that descend from it alone; a tree should keep
    these together. free: those that descend from it and from elsewhere too (merges, and what
    came of them): a tree has one place for each, so either side of the branch is right.
    """

    head: str
    inside: frozenset[str]
    free: frozenset[str]


def true_clades(
    lineage: Mapping[str, Sequence[str]], tips: Collection[str] | None = None
) -> list[Clade]:
    """Return the clades that a tree of `tips` should show, one for each ancestor that has one.

    `lineage` maps each model to its parents: none for a founder, several for a merge. A parent
    that is no key counts as a founder. `tips` (default: the keys) may leave out ancestors. Only
    clades that say something remain: two or more tips inside, two or more outside, and each
    division of the tips once. Raises InputError `bad_lineage`.
    """
    everyone = frozenset(lineage if tips is None else tips)
    found: dict[tuple[frozenset[str], frozenset[str]], Clade] = {}
    for clade in descents(lineage, everyone):
        if len(clade.inside) >= 2 and len(everyone - clade.inside - clade.free) >= 2:
            found.setdefault((clade.inside, clade.free), clade)
    return list(found.values())


def descents(lineage: Mapping[str, Sequence[str]], tips: Collection[str]) -> list[Clade]:
    """Return for every ancestor, the earliest first, who of `tips` descends from it, if any do.

    Unlike `true_clades` also what says nothing of a tree. Raises InputError `bad_lineage`.
    """
    everyone = frozenset(tips)
    order = _ancestors_first(lineage)
    lines = [(head, *_descendants(head, order, lineage)) for head in order]
    found = [Clade(head, everyone & only, everyone & (below - only)) for head, below, only in lines]
    return [clade for clade in found if clade.inside or clade.free]


def recovered(tree: Tree, clades: Collection[Clade]) -> float:
    """Return the share of `clades` that some branch of the tree shows, wherever the root is.

    Raises InputError `no_clades`, `duplicate_tips` or `different_tips`.
    """
    if not clades:
        raise InputError("no_clades", "Give at least one clade with two tips in and two out.")
    index = indexed(tree)
    splits = split_masks(tree)
    return sum(_shown(clade, splits, index) for clade in clades) / len(clades)


def robinson_foulds(a: Tree, b: Tree) -> int:
    """Return the number of splits that only one of two trees over the same tips has.

    Roots do not matter. Raises InputError `different_tips` or `duplicate_tips`.
    """
    first, second = _comparable(a, b)
    return len(first ^ second)


def normalised_robinson_foulds(a: Tree, b: Tree) -> float:
    """Return `robinson_foulds` as a share of all splits of both trees, from 0 (the same) to 1.

    Two trees without any split are the same: 0.
    """
    first, second = _comparable(a, b)
    return len(first ^ second) / max(1, len(first) + len(second))


def _comparable(a: Tree, b: Tree) -> tuple[set[int], set[int]]:
    """The splits of both trees, those of b with the tips numbered as in a."""
    if a.labels == b.labels:
        return split_masks(a), split_masks(b)
    index, other = indexed(a), indexed(b)
    if index.keys() != other.keys():
        raise InputError("different_tips", "Compare trees over the same tips.")
    order = [other[label] for label in a.labels] + list(range(b.n_tips, b.n_nodes))
    return split_masks(a), split_masks(Tree(a.labels, b.parents[order], b.lengths[order]))


def _shown(clade: Clade, splits: Collection[int], index: Mapping[str, int]) -> bool:
    if not clade.inside | clade.free <= index.keys():
        raise InputError("different_tips", "Give clades of tips that the tree has.")
    inside = mask_of(index[name] for name in clade.inside)
    outside = mask_of(range(len(index))) ^ inside ^ mask_of(index[name] for name in clade.free)
    return any(
        (split & inside == inside and not split & outside)
        or (split & outside == outside and not split & inside)
        for split in splits
    )


def _ancestors_first(lineage: Mapping[str, Sequence[str]]) -> list[str]:
    try:
        return list(TopologicalSorter(lineage).static_order())
    except CycleError as error:
        raise InputError(
            "bad_lineage", "A model descends from itself; mend the lineage."
        ) from error


def _descendants(
    head: str, order: Sequence[str], lineage: Mapping[str, Sequence[str]]
) -> tuple[frozenset[str], frozenset[str]]:
    """`head` and all its descendants, and those of them with no line that passes it by."""
    below, only = {head}, {head}
    for model in order:
        parents = lineage.get(model, ())
        if any(parent in below for parent in parents):
            below.add(model)
            if all(parent in only for parent in parents):
                only.add(model)
    return frozenset(below), frozenset(only)
