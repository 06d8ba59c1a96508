import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.phylo.comparison import robinson_foulds
from app.phylo.formats.newick import read, write
from app.phylo.paths import tip_distances
from app.phylo.placement import Placement, Standing, grafted
from app.phylo.tree import assemble
from tests.phylo.strategies import caterpillar, random_tree, seeded, trees


def without(tree, tip):
    """The tree without one tip; a node that is left with one branch is dissolved."""
    names = [*tree.labels, *[None] * (tree.n_nodes - tree.n_tips)]
    parents, lengths = tree.parents.tolist(), tree.lengths.tolist()
    keep = [node for node in range(tree.n_nodes) if node != tip]
    above = parents[tip]
    rest = [node for node in keep if parents[node] == above]
    if len(rest) == 1:
        parents[rest[0]] = parents[above]
        lengths[rest[0]] = 0.0 if above == tree.root else lengths[rest[0]] + lengths[above]
        keep.remove(above)
    new = {node: i for i, node in enumerate(keep)}
    return assemble(
        [names[node] for node in keep],
        [new.get(parents[node], -1) for node in keep],
        [lengths[node] for node in keep],
    )


def nearest(distances, k):
    return np.argsort(distances, kind="stable")[:k]


@given(trees(min_tips=3, max_tips=20), st.data())
@settings(deadline=None, max_examples=100)
def test_a_tip_of_an_additive_tree_goes_back_to_its_place(tree, data):
    paths = tip_distances(tree)
    tip = data.draw(st.sampled_from(tree.tips))
    others = np.array([other for other in tree.tips if other != tip])
    rest = without(tree, tip)
    placed = Standing(rest).place(paths[tip, others], np.arange(len(others)))
    back = grafted(rest, [placed], [tree.labels[tip]])
    order = [*others, tip]
    np.testing.assert_allclose(tip_distances(back), paths[np.ix_(order, order)], atol=1e-6)
    assert placed.error < 1e-5


@given(trees(min_tips=4, max_tips=20, binary=True), st.data())
@settings(deadline=None, max_examples=50)
def test_the_identical_tree_comes_back(tree, data):
    tip = data.draw(st.sampled_from(tree.tips))
    others = np.array([other for other in tree.tips if other != tip])
    rest = without(tree, tip)
    placed = Standing(rest).place(tip_distances(tree)[tip, others], np.arange(len(others)))
    assert robinson_foulds(grafted(rest, [placed], [tree.labels[tip]]), tree) == 0


@pytest.mark.parametrize("k", [3, 5])
def test_few_near_tips_are_enough_where_they_surround_the_place(k):
    tree = random_tree(seeded(1), [f"m{i}" for i in range(200)], True, False)
    paths = tip_distances(tree)
    exact = 0
    for tip in tree.tips:
        others = np.array([other for other in tree.tips if other != tip])
        rest, known = without(tree, tip), nearest(paths[tip, others], k)
        placed = Standing(rest).place(paths[tip, others][known], known)
        back = grafted(rest, [placed], [tree.labels[tip]])
        exact += robinson_foulds(back, tree) == 0
    assert exact >= {3: 150, 5: 170}[k]


@given(trees(min_tips=3, max_tips=20), st.data())
@settings(deadline=None, max_examples=50)
def test_no_other_place_fits_better(tree, data):
    numbers = st.floats(0.1, 3)
    distances = np.array([data.draw(numbers) for _ in tree.tips])
    placed = Standing(tree).place(distances, np.arange(tree.n_tips))
    assert misfit(tree, placed, distances) == pytest.approx(placed.error, abs=1e-6)
    for _ in range(20):
        branch = data.draw(st.integers(0, tree.root - 1))
        above = data.draw(st.floats(0, 1)) * float(tree.lengths[branch])
        other = Placement(branch, above, data.draw(numbers), 0.0)
        assert misfit(tree, other, distances) >= placed.error - 1e-6


def misfit(tree, placed, distances):
    """Straight from the definition, with the tree of all tips."""
    whole = grafted(tree, [placed], ["new"])
    paths = tip_distances(whole)[-1, :-1]
    return math.sqrt((((distances - paths) / distances) ** 2).mean())


@given(trees(min_tips=2, max_tips=15, support=True), st.data())
@settings(deadline=None, max_examples=50)
def test_grafting_moves_no_old_tip_and_keeps_support(tree, data):
    branches = st.integers(0, tree.root - 1)
    shares = st.sampled_from([0.0, 0.25, 0.5, 1.0])
    chosen = data.draw(st.lists(st.tuples(branches, shares), max_size=6))
    placements = [
        Placement(branch, share * float(tree.lengths[branch]), 0.5, 0.0) for branch, share in chosen
    ]
    labels = [f"new {i}" for i in range(len(chosen))]
    whole = grafted(tree, placements, labels)
    assert whole.labels == (*tree.labels, *labels)
    paths = tip_distances(whole)
    np.testing.assert_allclose(paths[: tree.n_tips, : tree.n_tips], tip_distances(tree), atol=1e-9)
    assert whole.total_length == pytest.approx(tree.total_length + 0.5 * len(chosen))
    assert sorted(share for share in whole.support if share == share) == sorted(
        share for share in tree.support if share == share
    )


def test_several_on_one_branch_hang_in_their_order():
    tree = read("((a:1,b:1)0.9:1,c:1,d:1);")
    inner = int(tree.parents[0])
    at = [Placement(inner, above, 1.0, 0.0) for above in (0.75, 0.25, 0.25)]
    whole = grafted(tree, at, ["high", "low", "low2"])
    clades = "(((((a:1,b:1)0.9:0.25,low:1):0,low2:1):0.5,high:1):0.25,c:1,d:1);"
    np.testing.assert_allclose(tip_distances(whole), reordered(read(clades), whole.labels))
    assert "(a:1,b:1)0.9:0.25" in write(whole)


def reordered(tree, labels):
    order = [tree.labels.index(label) for label in labels]
    return tip_distances(tree)[np.ix_(order, order)]


def test_a_copy_hangs_from_its_original():
    tree = read("((a:1,b:1):1,(c:0,d:0):1);")
    standing = Standing(tree)
    placed = standing.place(np.array([2.0, 0.0, 3.0]), np.array([0, 1, 2]))
    assert placed == Placement(1, 0.0, 0.0, 0.0)
    both = standing.place(np.array([3.0, 0.0, 0.0]), np.array([0, 3, 2]))
    assert both == Placement(2, 0.0, 0.0, 0.0)
    whole = grafted(tree, [placed, both], ["copy of b", "copy of c"])
    paths = tip_distances(whole)
    assert paths[1, 4] == paths[2, 5] == paths[3, 5] == 0


def test_ties_and_trees_without_lengths_have_a_place():
    flat = read("((a:0,b:0):0,(c:0,d:0):0);")
    placed = Standing(flat).place(np.full(4, 0.5), np.arange(4))
    assert (placed.above, placed.pendant) == (0.0, pytest.approx(0.5))
    pair = Standing(read("(a:1,b:1);")).place(np.array([1.5, 1.5]), np.array([0, 1]))
    assert (pair.above, pair.pendant) == (pytest.approx(1.0), pytest.approx(0.5))


def test_a_near_copy_does_not_drown_the_others():
    tree = read("((a:1,b:1):1,c:1,d:1);")
    placed = Standing(tree).place(np.array([1e-14, 2.0, 3.0, 3.0]), np.arange(4))
    assert placed.branch == 0
    assert placed.above == pytest.approx(0, abs=1e-6)
    assert placed.pendant == pytest.approx(0, abs=1e-6)


def test_deep_trees():
    tree = caterpillar(3000)
    standing = Standing(tree)
    # Beside tip 1500, halfway along its branch; from tip i to j it is |i - j| + 2, or 3 to tip 0.
    tips = np.array([1499, 1500, 1501, 10, 2990])
    distances = np.array([1 + 1 + 0.5 + 1, 0.5 + 1, 1 + 1 + 0.5 + 1, 1490 + 2.5, 1490 + 2.5])
    placed = standing.place(distances, tips)
    assert placed.branch == 1500
    assert placed.above == pytest.approx(0.5)
    assert placed.pendant == pytest.approx(1.0)
    assert grafted(tree, [placed], ["new"]).n_tips == 3001


@pytest.mark.parametrize(
    ("distances", "tips", "code"),
    [
        ([1.0], [0], "bad_distances"),
        ([], [], "bad_distances"),
        ([1.0, 1.0], [0, 0], "bad_distances"),
        ([1.0, 1.0], [0], "bad_distances"),
        ([1.0, math.nan], [0, 1], "bad_distances"),
        ([1.0, math.inf], [0, 1], "bad_distances"),
        ([1.0, -0.1], [0, 1], "bad_distances"),
        ([1.0, 1.0], [0, 3], "no_such_tip"),
        ([1.0, 1.0], [0, -1], "no_such_tip"),
    ],
)
def test_bad_distances_are_refused(distances, tips, code):
    standing = Standing(read("(a:1,b:1,c:1);"))
    with pytest.raises(InputError) as caught:
        standing.place(np.array(distances), np.array(tips, dtype=np.int64))
    assert caught.value.code == code


def test_a_tree_of_one_tip_has_no_place():
    with pytest.raises(InputError) as caught:
        Standing(read("a;"))
    assert caught.value.code == "too_few_tips"


@pytest.mark.parametrize(
    "placed",
    [
        Placement(3, 0.0, 0.0, 0.0),
        Placement(-1, 0.0, 0.0, 0.0),
        Placement(0, 1.5, 0.0, 0.0),
        Placement(0, -0.5, 0.0, 0.0),
        Placement(0, 0.5, math.nan, 0.0),
    ],
)
def test_places_that_the_tree_does_not_have_are_refused(placed):
    with pytest.raises(InputError) as caught:
        grafted(read("(a:1,b:1,c:1);"), [placed], ["new"])
    assert caught.value.code == "bad_placement"
    with pytest.raises(InputError):
        grafted(read("(a:1,b:1,c:1);"), [], ["new"])
