"""Random trees for the property tests."""

import random

import numpy as np
from hypothesis import strategies as st

from app.phylo.tree import NO_PARENT, Tree, assemble


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - shapes of trees, not secrets


@st.composite
def trees(draw, min_tips=1, max_tips=20, binary=False, support=False, labels=None):
    """Trees of any shape and rooting; zero lengths and polytomies unless `binary`."""
    n = draw(st.integers(min_tips, max_tips))
    rng = draw(st.randoms(use_true_random=False))
    names = [f"m{i}" for i in range(n)]
    if labels is not None:
        names = draw(st.lists(labels, min_size=n, max_size=n, unique=True))
    return random_tree(rng, names, binary, support)


def random_tree(rng: random.Random, names: list[str], binary: bool, support: bool) -> Tree:
    parents = [NO_PARENT] * len(names)
    active = list(range(len(names)))
    while len(active) > 1:
        size = min(len(active), 2 if binary else rng.choice([2, 2, 3, 5]))
        for _ in range(size):
            child = active.pop(rng.randrange(len(active)))
            parents[child] = len(parents)
        active.append(len(parents))
        parents.append(NO_PARENT)
    zero = 0.0 if binary else 0.2
    lengths = [0.0 if rng.random() < zero else rng.uniform(0.05, 3) for _ in parents[:-1]]
    inner = len(parents) - len(names)
    shares = [float("nan")] * len(names) + [round(rng.random(), 3) for _ in range(inner)]
    shares[-1] = float("nan")
    return assemble(
        [*names, *[None] * inner], parents, [*lengths, 0.0], shares if support else None
    )


def caterpillar(n: int) -> Tree:
    """The deepest tree of n tips."""
    inner = n - 1
    parents = [n, *range(n, n + inner), *range(n + 1, n + inner), NO_PARENT]
    lengths = np.ones(n + inner)
    lengths[-1] = 0
    return Tree(tuple(f"m{i}" for i in range(n)), np.array(parents), lengths)
