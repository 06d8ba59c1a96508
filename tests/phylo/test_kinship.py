"""Kinship: against a slow walk over pairs, by hand, and what must not matter."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.phylo.kinship import LEAST_P, ODDS, kinship
from app.phylo.rooting import midpoint
from app.phylo.splits import clade_masks
from app.phylo.tree import assemble
from tests.phylo.strategies import trees


def p_values(n, seed):
    values = np.random.default_rng(seed).uniform(1e-9, 1, size=(n, n)) ** 4 + 1e-12
    return np.maximum(values, values.T)


def by_split(tree, column):
    everything = (1 << tree.n_tips) - 1
    pairs = zip(clade_masks(tree), column, strict=True)
    return {min(mask, mask ^ everything): x for mask, x in pairs if not np.isnan(x)}


def parts_at(tree, node, away):
    """The tips behind each branch of a node, but for the branch that has the tips `away`."""
    masks, everything = clade_masks(tree), (1 << tree.n_tips) - 1
    found = [masks[child] for child in tree.children()[node]]
    found.append(everything ^ masks[node])
    return [mask for mask in found if mask and mask != away]


def slow(tree, values):
    """Of every branch, the lower of the harmonic means over the pairs that meet at its ends."""
    masks, everything = clade_masks(tree), (1 << tree.n_tips) - 1
    found = np.full(tree.n_nodes, np.nan)
    for node, mask in enumerate(masks[:-1]):
        if not 2 <= mask.bit_count() <= tree.n_tips - 2:
            continue
        ends = [parts_at(tree, node, everything ^ mask)]
        ends.append(parts_at(tree, int(tree.parents[node]), mask))
        if len(ends[1]) == 1:  # at a root of two branches the branch goes on
            (other,) = [child for child in tree.children()[tree.root] if masks[child] == ends[1][0]]
            ends[1] = parts_at(tree, other, mask)
        means = []
        for parts in ends:
            pairs = [
                max(values[a, b], LEAST_P)
                for one, two in combinations(parts, 2)
                for a in tree.tips
                for b in tree.tips
                if one >> a & 1 and two >> b & 1
            ]
            means.append(1 / np.mean(1 / np.array(pairs)))
        found[node] = 1 / (1 + ODDS * min(means))
    return found


@given(trees(min_tips=4, max_tips=14), st.integers(0, 10**6))
@settings(deadline=None, max_examples=40)
def test_a_slow_walk_agrees(tree, seed):
    values = p_values(tree.n_tips, seed)
    np.testing.assert_allclose(kinship(tree, values), slow(tree, values), rtol=1e-5)


@given(trees(min_tips=4, max_tips=14, binary=True), st.integers(0, 10**6))
@settings(deadline=None, max_examples=30)
def test_the_root_does_not_matter(tree, seed):
    values = p_values(tree.n_tips, seed)
    rooted = midpoint(tree)
    wanted = by_split(tree, kinship(tree, values))
    assert by_split(rooted, kinship(rooted, values)) == pytest.approx(wanted, rel=1e-5)


def families():
    """((a1,a2),(b1,b2),(c1,c2)) of three families, of which a and b look alike."""
    tree = assemble(
        [*"abcdef", *[None] * 5], [6, 6, 7, 7, 8, 8, 9, 9, 10, 10, -1], [1.0] * 10 + [0.0]
    )
    values = np.full((6, 6), 0.5)
    values[:4, :4] = 0.01
    for first in (0, 2, 4):
        values[first : first + 2, first : first + 2] = 1e-5
    return tree, values


def test_relatives_are_told_from_look_alikes():
    found = kinship(*families())
    # The pairs 1e-5 of a family; (a, b) | (c): a and b meet at 0.01, c1 and c2 at 1e-5.
    assert found[6:9] == pytest.approx([1 / (1 + ODDS * 1e-5)] * 3)
    assert found[9] == pytest.approx(1 / (1 + ODDS * 1e-5))
    assert np.isnan(found[[*range(6), 10]]).all()


def test_a_union_of_strangers_among_strangers_is_no_kin():
    # ((a,b),c,d): a and b are as far apart as all others.
    tree = assemble([*"abcd", None, None], [4, 4, 5, 5, 5, -1], [1.0] * 5 + [0.0])
    assert kinship(tree, np.full((4, 4), 0.5))[4] == pytest.approx(1 / (1 + ODDS / 2))


@pytest.mark.parametrize(
    "wrong",
    [
        np.full((3, 3), 0.5),
        np.full((4, 4), np.nan),
        np.zeros((4, 4)),
        np.full((4, 4), 1.5),
        np.full((4, 4), -0.5),
    ],
    ids=["shape", "nan", "zero", "above", "below"],
)
def test_bad_p_values_are_refused(wrong):
    tree = assemble([*"abcd", None, None], [4, 4, 5, 5, 5, -1], [1.0] * 5 + [0.0])
    with pytest.raises(InputError) as caught:
        kinship(tree, wrong)
    assert caught.value.code == "bad_p_values"
