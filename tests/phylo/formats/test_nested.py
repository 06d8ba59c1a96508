import json
import math
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from app.phylo.formats.nested import to_dict, to_json
from app.phylo.tree import assemble
from tests.phylo.strategies import caterpillar, trees


@given(trees(support=True, labels=st.text()))
@settings(deadline=None, max_examples=30)
def test_the_json_text_is_the_nested_dict(tree):
    assert json.loads(to_json(tree)) == to_dict(tree)


@given(trees(support=True))
@settings(deadline=None, max_examples=30)
def test_the_tree_can_be_built_again(tree):
    names, parents, lengths, support = [], [], [], []
    stack = [(to_dict(tree), -1)]
    while stack:
        node, parent = stack.pop()
        stack.extend((child, len(names)) for child in node["children"])
        names.append(node["name"])
        parents.append(parent)
        lengths.append(node["length"])
        support.append(math.nan if node["support"] is None else node["support"])
    assert names.count(None) == tree.n_nodes - tree.n_tips
    again = assemble(names, parents, lengths, support)
    assert sorted(again.labels) == sorted(tree.labels)
    assert sorted(again.lengths) == sorted(tree.lengths)


def test_a_known_tree():
    tree = assemble(["a", "b", None], [2, 2, -1], [1, 2.5, 0])
    leaf = {"support": None, "children": []}
    assert to_dict(tree) == {
        "name": None,
        "length": 0.0,
        "support": None,
        "children": [{"name": "a", "length": 1.0, **leaf}, {"name": "b", "length": 2.5, **leaf}],
    }


def test_deep_trees():
    text = to_json(caterpillar(3000))
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)  # for the reader; the writer has run without
    try:
        node, deep = json.loads(text), 0
    finally:
        sys.setrecursionlimit(limit)
    while node["children"]:
        node, deep = node["children"][-1], deep + 1
    assert deep == 2999
