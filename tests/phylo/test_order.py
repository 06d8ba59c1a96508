from hypothesis import given

from app.phylo.formats.newick import read
from app.phylo.order import drawn_order, small_first
from tests.phylo.strategies import caterpillar, trees


@given(trees(max_tips=30))
def test_every_tip_once_and_siblings_stay_together(tree):
    order = drawn_order(tree, small_first(tree))
    assert sorted(order) == list(tree.tips)


def test_small_clades_come_first():
    tree = read("(((a:1,b:1):1,c:1):1,d:1);")
    assert [tree.labels[tip] for tip in drawn_order(tree, small_first(tree))] == list("dcab")


def test_deep():
    assert len(drawn_order(caterpillar(3000), small_first(caterpillar(3000)))) == 3000
