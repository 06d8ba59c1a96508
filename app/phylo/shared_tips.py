"""Two trees cut down to the tips that they share, so that they can be compared."""

from dataclasses import dataclass

from app.errors import InputError
from app.phylo.pruning import pruned
from app.phylo.tree import Tree

FEWEST = 4  # Three tips can be joined in one way only.


@dataclass(frozen=True)
class SharedTips:
    """Two trees over the same tips, numbered alike, and the names that only one of them had."""

    a: Tree
    b: Tree
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]


def shared_tips(a: Tree, b: Tree) -> SharedTips:
    """Prune both trees to the names that they share, in the order of `a`.

    Raises InputError `duplicate_tips` where a tree has a name twice, and `too_few_shared_tips`
    with fewer than four names in common.
    """
    index_a, index_b = indexed(a), indexed(b)
    shared = [name for name in a.labels if name in index_b]
    if len(shared) < FEWEST:
        raise InputError(
            "too_few_shared_tips",
            f"The trees share {len(shared)} of their tips: name trees with {FEWEST} or more "
            "models in common.",
        )
    return SharedTips(
        pruned(a, [index_a[name] for name in shared]),
        pruned(b, [index_b[name] for name in shared]),
        tuple(name for name in a.labels if name not in index_b),
        tuple(name for name in b.labels if name not in index_a),
    )


def indexed(tree: Tree) -> dict[str, int]:
    """Return the tip of each name; InputError `duplicate_tips` where one has two."""
    index = {label: tip for tip, label in enumerate(tree.labels)}
    if len(index) != tree.n_tips:
        raise InputError("duplicate_tips", "Give every tip its own name to compare trees by name.")
    return index
