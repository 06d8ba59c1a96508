from itertools import permutations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from app.phylo.splits import clades
from app.phylo.tanglegram import crossings, tanglegram
from app.phylo.tree import assemble
from tests.phylo.strategies import caterpillar, random_tree, seeded


def pair(seed, n, binary):
    rng = seeded(seed)
    names = [f"m{i}" for i in range(n)]
    return [random_tree(rng, names, binary, False) for _ in range(2)]


@given(st.integers(0, 10_000), st.integers(2, 30), st.booleans())
@settings(deadline=None, max_examples=60)
def test_orders_can_be_drawn_and_cross_no_more_than_before(seed, n, binary):
    a, b = pair(seed, n, binary)
    found = tanglegram(a, b)
    assert found.crossings == crossings(found.a, found.b) <= found.before
    for tree, order in ((a, found.a), (b, found.b)):
        assert sorted(order) == list(tree.tips)
        places = {tip: place for place, tip in enumerate(order)}
        for clade in clades(tree):
            stretch = [places[tip] for tip in clade]
            assert max(stretch) - min(stretch) == len(clade) - 1, "a clade stays together"


@given(st.integers(0, 10_000), st.integers(2, 30), st.booleans())
@settings(deadline=None, max_examples=40)
def test_a_tree_does_not_tangle_with_itself_turned(seed, n, binary):
    tree, _ = pair(seed, n, binary)
    rng = seeded(seed)
    nodes = [*range(n), *rng.sample(range(n, tree.n_nodes), tree.n_nodes - n)]
    place = {node: new for new, node in enumerate(nodes)} | {-1: -1}
    turned = assemble(
        [*tree.labels, *[None] * (tree.n_nodes - n)],
        [place[int(tree.parents[node])] for node in nodes],
        [0.0] * tree.n_nodes,
    )
    assert tanglegram(tree, turned).crossings == 0


@given(st.permutations(range(7)), st.permutations(range(7)))
def test_crossings_are_pairs_in_other_order(a, b):
    slow = sum(
        (a.index(i) < a.index(j)) != (b.index(i) < b.index(j)) for i in range(7) for j in range(i)
    )
    assert crossings(a, b) == slow


def test_small_trees_come_close_to_the_best_of_all_drawings():
    found = best = 0
    for seed in range(20):
        a, b = pair(seed, 6, True)
        here = min(crossings(one, other) for one, other in product(drawings(a), drawings(b)))
        assert tanglegram(a, b).crossings >= here
        found, best = found + tanglegram(a, b).crossings, best + here
    assert found <= 1.3 * best


def drawings(tree):
    """All orders of the tips that the tree can be drawn with."""
    found = [[[tip]] for tip in tree.tips]
    for children in tree.children()[tree.n_tips :]:
        found.append(
            [
                [tip for order in orders for tip in order]
                for turned in permutations(children)
                for orders in product(*(found[child] for child in turned))
            ]
        )
    return found[-1]


def test_deep_trees():
    comb = caterpillar(1000)
    found = tanglegram(comb, comb)
    assert found.crossings == 0
