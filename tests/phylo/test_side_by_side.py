import dendropy
import pytest
from dendropy.calculate import treecompare

from app.errors import InputError
from app.phylo import side_by_side as module
from app.phylo.formats.newick import read, write
from app.phylo.side_by_side import side_by_side
from tests.phylo.strategies import caterpillar, random_tree, seeded


@pytest.mark.parametrize("seed", range(5))
def test_dendropy_agrees_on_robinson_foulds(seed):
    rng = seeded(seed)
    names = [f"m{i}" for i in range(12)]
    a, b = (random_tree(rng, rng.sample(names, 12), False, False) for _ in range(2))
    found = side_by_side(a, b)
    space = dendropy.TaxonNamespace()
    judged = [
        dendropy.Tree.get(data="[&U]" + write(tree), schema="newick", taxon_namespace=space)
        for tree in (a, b)
    ]
    assert found.robinson_foulds == treecompare.symmetric_difference(*judged)


def test_trees_over_different_tips():
    a = read("(((a:1,b:1):1,(c:1,d:2):1):1,x:1);")
    b = read("((a:1,c:1):1,((b:1,y:1):1,d:1):1);")
    found = side_by_side(a, b)
    assert (found.names, found.only_a, found.only_b) == (tuple("abcd"), ("x",), ("y",))
    assert (found.splits_a, found.splits_b, found.robinson_foulds) == (1, 1, 2)
    assert found.normalised_robinson_foulds == 1
    assert found.clustering.similarity == 0
    assert -1 <= found.correlation <= 1
    assert found.tangle.crossings == 1


def test_stars_have_no_correlation():
    star = read("(a:1,b:1,c:1,d:1);")
    found = side_by_side(star, star)
    assert found.correlation is None
    assert found.normalised_robinson_foulds == 0


def test_trees_that_are_too_large_are_refused():
    large = caterpillar(module.MOST_TIPS + 1)
    with pytest.raises(InputError) as caught:
        side_by_side(large, large)
    assert caught.value.code == "too_many_tips"
