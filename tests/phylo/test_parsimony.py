"""Fewest changes: judged by trying all states of all inner nodes."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.phylo import parsimony
from app.phylo.formats.newick import read
from app.phylo.parsimony import fewest_changes
from app.phylo.rooting import root_above
from tests.phylo.strategies import caterpillar, trees


@given(trees(min_tips=2, max_tips=8), st.integers(0, 10**6))
@settings(deadline=None, max_examples=40)
def test_no_assignment_has_fewer(tree, seed):
    inner = tree.n_nodes - tree.n_tips
    assume(inner <= 5)
    states = np.random.default_rng(seed).integers(0, 3, tree.n_tips)
    fewest = min(
        sum(
            one != other
            for one, other in zip(
                full[:-1], np.array(full)[tree.parents[:-1]].tolist(), strict=True
            )
        )
        for full in ([*states.tolist(), *rest] for rest in product(range(3), repeat=inner))
    )
    assert fewest_changes(tree, states[None]).tolist() == [fewest]


@given(trees(min_tips=3, max_tips=20, binary=True), st.data())
@settings(deadline=None, max_examples=40)
def test_where_the_root_is_does_not_matter(tree, data):
    node = data.draw(st.integers(0, tree.root - 1))
    states = np.random.default_rng(node).integers(0, 4, (5, tree.n_tips))
    moved = root_above(tree, node, float(tree.lengths[node]) / 2, "given")
    np.testing.assert_array_equal(fewest_changes(tree, states), fewest_changes(moved, states))


def test_many_rows_are_taken_in_blocks(monkeypatch):
    tree = read("((a:1,b:1):1,(c:1,d:1,e:1):1);")
    states = np.random.default_rng(0).integers(0, 3, (50, 5))
    at_once = fewest_changes(tree, states)
    monkeypatch.setattr(parsimony, "MOST_CELLS", 12)
    np.testing.assert_array_equal(fewest_changes(tree, states), at_once)


@pytest.mark.parametrize(
    ("states", "changes"), [([0, 0, 1, 1], 1), ([0, 1, 0, 1], 2), ([0, 1, 2, 3], 3), ([0] * 4, 0)]
)
def test_by_hand(states, changes):
    assert fewest_changes(read("((a:1,b:1):1,(c:1,d:1):1);"), np.array([states])) == [changes]


def test_deep_trees():
    assert fewest_changes(caterpillar(3000), np.arange(3000)[None] % 2) == [1500]
