"""What every format is tried with, and whether a tree came back as it was."""

import math

import numpy as np
from hypothesis import strategies as st

from app.phylo.annotated import Annotated
from app.phylo.comparison import robinson_foulds
from app.phylo.paths import depths, tip_distances
from app.phylo.splits import clades
from tests.phylo.strategies import random_tree

NASTY = [
    "org/name_7b",
    "it's",
    "''",
    "a b",
    " a ",
    "a  b",
    "[x]",
    "[&R]",
    "(a,b):1;",
    "héé",
    "模型",
    "نموذج",
    "👩‍🔬",
    "a\u0301",
    "100%",
    "%0A",
    "%0a",
    "%250A",
    "%41",
    "a\nb\tc\r\x1b[31m\x00\x85",
    "\u2028",
    "\u3000a\u00a0",
    "\ufffe\uffff",
    "",
    " ",
    "-",
    "'",
    '"',
    'a"b',
    "\\n",
    "a_b",
    "_",
    "1e5",
    "1",
    "2",
    "<a>&amp;]]>",
    "=1+1",
    "a;b",
    "END;",
    "{a}",
    "&",
    "#",
    "nan",
    "NODE_0000002",
    "a (2)",
]
names = st.text(max_size=8) | st.sampled_from(NASTY)


@st.composite
def annotations(draw, labels, min_tips=1, max_tips=12):
    """Trees with all that a format may have to carry, in names out of `labels`."""
    n = draw(st.integers(min_tips, max_tips))
    rng = draw(st.randoms(use_true_random=False))
    tree = random_tree(
        rng, draw(st.lists(labels, min_size=n, max_size=n, unique=True)), False, rng.random() < 0.8
    )
    column = np.array([rng.choice([math.nan, rng.random()]) for _ in range(tree.n_nodes)])
    dates = np.array([rng.choice([math.nan, rng.uniform(2015, 2030)]) for _ in column])
    words = tuple(draw(st.lists(labels, min_size=n, max_size=n)))
    return Annotated(
        tree,
        branches={"bootstrap": column} if rng.random() < 0.5 else {},
        dates=dates if rng.random() < 0.5 else None,
        families=words if rng.random() < 0.5 else (),
        traits={"maker": words} if rng.random() < 0.5 else {},
    )


def check(annotated, again):
    """Same names, splits, lengths and support."""
    tree = annotated.tree
    assert sorted(again.labels) == sorted(tree.labels)
    assert robinson_foulds(tree, again) == 0
    order = [again.labels.index(label) for label in tree.labels]
    np.testing.assert_allclose(
        tip_distances(again)[np.ix_(order, order)], tip_distances(tree), rtol=1e-9, atol=1e-12
    )
    np.testing.assert_allclose(
        depths(again)[order], depths(tree)[: tree.n_tips], rtol=1e-9, atol=1e-12
    )
    before, after = supported(tree), supported(again)
    assert before.keys() == after.keys()
    np.testing.assert_allclose(
        [after[clade] for clade in before], list(before.values()), rtol=1e-9, atol=1e-12
    )


def supported(tree):
    """Names of a clade -> the support of its branch, where there is one."""
    if tree.support is None:
        return {}
    return {
        frozenset(tree.labels[tip] for tip in clade): float(share)
        for clade, share in zip(clades(tree), tree.support, strict=True)
        if not math.isnan(share)
    }
