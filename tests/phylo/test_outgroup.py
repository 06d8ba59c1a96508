"""Outgroups: one side of a branch, or a clear word on why not."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.phylo.formats.newick import read
from app.phylo.outgroup import by_outgroup
from app.phylo.splits import clades
from tests.phylo.strategies import trees


@given(trees(min_tips=3, max_tips=20, support=True), st.data())
@settings(deadline=None, max_examples=60)
def test_the_root_parts_the_outgroup_from_the_rest(tree, data):
    node = data.draw(st.integers(0, tree.root - 1))
    side = clades(tree)[node]
    assume(0 < len(side) < tree.n_tips)
    other = frozenset(tree.tips) - side
    for named in (side, other):
        rooted, _ = by_outgroup(tree, [tree.labels[tip] for tip in named])
        below = clades(rooted)
        assert {below[child] for child in rooted.children()[rooted.root]} == {side, other}
        assert rooted.rooting == "outgroup"


def test_it_may_lie_on_both_sides_of_the_present_root():
    rooted, fit = by_outgroup(read("((a:1,b:1):1,((c:1,d:1):1,e:1):1);"), ["e", "a", "b"])
    assert {frozenset("cd"), frozenset("abe")} == {
        frozenset(rooted.labels[tip] for tip in clades(rooted)[child])
        for child in rooted.children()[rooted.root]
    }
    assert fit["cv"] > 0
    assert by_outgroup(read("(a:0,b:0,c:0);"), ["a"])[1] == {}


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (["a", "c"], "differs by"),
        (["a", "nobody"], "'nobody' names no tip"),
        (["a", "twin"], "'twin' names several"),
        ([], "at least one"),
    ],
)
def test_what_is_wrong_is_said(named, said):
    tree = read("((a:1,b:1):1,(c:1,d:1):1,(twin:1,twin:1):1);")
    with pytest.raises(InputError, match=said) as caught:
        by_outgroup(tree, named)
    assert caught.value.code == "bad_outgroup"


def test_who_is_in_the_way_is_named():
    tree = read("(((a:1,b:1):1,((c:1,d:1):1,intruder:1):1):1,(e:1,f:1):1,(g:1,h:1):1);")
    with pytest.raises(InputError, match="differs by 'intruder':"):
        by_outgroup(tree, ["a", "b", "c", "d"])
    with pytest.raises(InputError, match="not all"):
        by_outgroup(tree, tree.labels)
