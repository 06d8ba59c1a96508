import pytest
from hypothesis import given, settings

from app.errors import InputError
from app.phylo.clade_verdicts import clade_verdicts
from app.phylo.comparison import Clade, recovered, true_clades
from app.phylo.formats.newick import read
from app.phylo.rooting import midpoint
from tests.phylo.strategies import random_tree, seeded, trees
from tests.phylo.test_comparison import genealogies

AB = Clade("a", frozenset("ab"), frozenset())


def judged(text, clade=AB):
    [verdict] = clade_verdicts(read(text), [clade])
    return verdict


@given(genealogies())
@settings(deadline=None, max_examples=50)
def test_what_is_shown_is_what_is_recovered(lineage):
    clades = true_clades(lineage)
    if clades:
        tree = random_tree(seeded(len(lineage)), list(lineage), False, True)
        found = clade_verdicts(tree, clades)
        shown = [one for one in found if one.verdict == "shown"]
        assert len(shown) / len(found) == recovered(tree, clades)
        for one in found:
            if one.verdict != "open":
                assert (one.verdict == "shown") == (not one.away and not one.among)
            assert set(one.away) <= one.clade.inside
            assert not set(one.among) & (one.clade.inside | one.clade.free)
        words = [one.verdict for one in clade_verdicts(midpoint(tree), clades)]
        assert words == [one.verdict for one in found], "roots do not matter"


@given(trees(min_tips=4, binary=True))
@settings(deadline=None, max_examples=30)
def test_binary_trees_leave_nothing_open(tree):
    clade = Clade("m0", frozenset(["m0", "m1"]), frozenset())
    assert clade_verdicts(tree, [clade])[0].verdict in ("shown", "contradicted")


def test_examples():
    shown = judged("((a:1,b:1)0.9:1,(c:1,d:1)0.7:1);")
    assert (shown.verdict, shown.away, shown.among, shown.support) == ("shown", (), (), 0.9)
    apart = judged("((a:1,c:1)0.9:1,(b:1,d:1)0.7:1);")
    assert (apart.verdict, apart.support) == ("contradicted", 0.9)
    assert (apart.away, apart.among) == (("b",), ("c",))
    assert judged("(a:1,b:1,c:1,d:1);").verdict == "open"
    assert judged("(a:1,b:1,c:1,d:1);").support is None
    among = judged("(((a:1,x:1)0.6:1,b:1)0.8:1,(c:1,(d:1,e:1)0.7:1)0.8:1);")
    assert (among.verdict, among.away, among.among) == ("contradicted", (), ("x",))
    assert among.support == 0.6
    free = Clade("a", frozenset("ab"), frozenset("x"))
    assert judged("((a:1,(x:1,b:1)0.4:1)0.8:1,(c:1,d:1)0.7:1);", free).verdict == "shown"


@pytest.mark.parametrize(
    ("code", "tree", "clades"),
    [
        ("no_clades", "(a:1,b:1,c:1);", []),
        ("different_tips", "(a:1,c:1,d:1);", [AB]),
        ("duplicate_tips", "(a:1,b:1,b:1);", [AB]),
    ],
)
def test_what_cannot_be_judged_is_refused(code, tree, clades):
    with pytest.raises(InputError) as caught:
        clade_verdicts(read(tree), clades)
    assert caught.value.code == code
