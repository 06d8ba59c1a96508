import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.phylo.comparison import robinson_foulds
from app.phylo.paths import tip_distances
from app.phylo.tree import Tree, assemble
from tests.phylo.strategies import caterpillar, random_tree, seeded, trees

CHERRY = {"labels": ("a", "b"), "parents": np.array([2, 2, -1]), "lengths": np.array([1.0, 2, 0])}


@given(trees(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=30)
def test_assemble_takes_nodes_in_any_order(tree, rng):
    names = [*tree.labels, *[None] * (tree.n_nodes - tree.n_tips)]
    order = list(range(tree.n_nodes))
    rng.shuffle(order)
    place = {old: new for new, old in enumerate(order)} | {-1: -1}
    again = assemble(
        [names[node] for node in order],
        [place[int(tree.parents[node])] for node in order],
        [float(tree.lengths[node]) for node in order],
    )
    assert robinson_foulds(tree, again) == 0
    shuffled = [again.labels.index(label) for label in tree.labels]
    np.testing.assert_allclose(
        tip_distances(again)[np.ix_(shuffled, shuffled)], tip_distances(tree), atol=1e-12
    )


@given(trees())
@settings(deadline=None, max_examples=30)
def test_postorder_finishes_a_subtree_before_the_next(tree):
    order = tree.postorder()
    assert sorted(order) == list(range(tree.n_nodes))
    place = {node: position for position, node in enumerate(order)}
    sizes = np.ones(tree.n_nodes, dtype=int)
    for node in range(tree.root):
        sizes[tree.parents[node]] += sizes[node]
    for node, children in enumerate(tree.children()):
        ends = [place[child] for child in children]
        assert ends == sorted(ends)
        assert sum(sizes[children]) == sizes[node] - 1
        assert ends == [] or ends[-1] == place[node] - 1


def test_parts_of_a_tree():
    tree = assemble(["a", None, "b", "c", None], [1, 4, 1, 4, -1], [1, 2, 3, 4, 0])
    assert tree.labels == ("a", "b", "c")
    assert tree.children() == [[], [], [], [0, 1], [2, 3]]
    assert (tree.root, tree.n_tips, tree.n_nodes, list(tree.tips)) == (4, 3, 5, [0, 1, 2])
    assert tree.total_length == 10


def test_nothing_recurses():
    tree = caterpillar(3000)
    assert tree.postorder()[-1] == tree.root
    assert tree.total_length == tree.n_nodes - 1


def test_the_numbers_are_a_copy_and_cannot_be_changed():
    lengths = np.array([1.0, 2, 0])
    tree = Tree(("a", "b"), np.array([2, 2, -1]), lengths)
    lengths[0] = 9
    assert tree.lengths[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        tree.lengths[0] = 9


@pytest.mark.parametrize(
    "wrong",
    [
        {"labels": ()},
        {"labels": ("a",)},
        {"labels": ("a", "b", "c")},
        {"parents": np.array([2, 2, 2])},
        {"parents": np.array([1, 2, -1])},
        {"parents": np.array([2, 9, -1])},
        {"parents": np.array([-1, 2, -1])},
        {"parents": np.array([2, 3, 3, -1]), "lengths": np.zeros(4)},
        {"lengths": np.array([1.0, 2])},
        {"lengths": np.array([1.0, -2, 0])},
        {"lengths": np.array([1.0, np.nan, 0])},
        {"lengths": np.array([1.0, 2, 3])},
        {"support": np.array([np.nan, 1.1, np.nan])},
        {"support": np.array([0.5])},
    ],
    ids=str,
)
def test_what_is_no_tree_is_refused(wrong):
    Tree(**CHERRY)
    with pytest.raises(InputError) as caught:
        Tree(**{**CHERRY, **wrong})
    assert caught.value.code == "bad_tree"


def test_half_a_surrogate_pair_is_refused():
    with pytest.raises(InputError) as caught:
        Tree(**{**CHERRY, "labels": ("a", "b\ud800")})
    assert caught.value.code == "bad_label"


@pytest.mark.parametrize("parents", [[2, 2, -1, -1, -1], [4, 4, 3, 2, -1], [2, 2, 2, 2, 2]])
def test_assemble_refuses_what_does_not_hang_together(parents):
    with pytest.raises(InputError) as caught:
        assemble(["a", "b", None, None, None], parents, [0.0] * 5)
    assert caught.value.code == "bad_tree"


def test_random_trees_are_of_all_shapes():
    """The strategy itself: if it only gave one shape the properties would say little."""
    rng = seeded(0)
    seen = [random_tree(rng, list("abcdef"), binary=False, support=False) for _ in range(50)]
    assert len({tree.n_nodes for tree in seen}) >= 4
    assert any((tree.lengths[:-1] == 0).any() for tree in seen)
