import json
import math
import sys

import pytest
from hypothesis import given, settings

from app.phylo.annotated import Annotated
from app.phylo.formats.nested import write
from app.phylo.tree import assemble
from tests.phylo.formats.reading_back import annotations, check, names
from tests.phylo.strategies import caterpillar


@given(annotations(names))
@settings(deadline=None, max_examples=40)
def test_the_tree_can_be_built_again(annotated):
    found, parents, lengths, support, dates = [], [], [], [], []
    stack = [(json.loads(write(annotated)), -1)]
    while stack:
        node, parent = stack.pop()
        stack.extend((child, len(found)) for child in node["children"])
        found.append(node["name"])
        parents.append(parent)
        lengths.append(node["length"])
        support.append(math.nan if node["support"] is None else node["support"])
        dates.append(node.get("date"))
    again = assemble(found, parents, lengths, support)
    check(annotated, again)
    if annotated.dates is not None:
        known = sorted(date for date in dates if date is not None)
        assert known == sorted(annotated.dates[~np_isnan(annotated.dates)].tolist())


def np_isnan(column):
    return column != column


def test_a_known_tree():
    tree = assemble(["a", "b", None], [2, 2, -1], [1, 2.5, 0])
    leaf = {"support": None, "children": []}
    assert json.loads(write(Annotated(tree))) == {
        "name": None,
        "length": 0.0,
        "support": None,
        "children": [{"name": "a", "length": 1.0, **leaf}, {"name": "b", "length": 2.5, **leaf}],
    }


def test_columns_are_there_when_the_tree_has_them(full):
    root = json.loads(write(full))
    [pair] = [child for child in root["children"] if child["children"]]
    tip = pair["children"][0]
    assert (pair["support"], pair["branches"]) == (0.95, {"bootstrap": 0.5})
    assert (pair["family"], pair["traits"], pair["date"]) == (None, {}, 2023.5)
    assert (tip["name"], tip["family"], tip["date"]) == ("a", "wolves", None)
    assert tip["traits"] == {"maker": "=acme <&>"}
    assert root["branches"] == {"bootstrap": None}
    assert root["date"] == pytest.approx(2022)


def test_deep_trees():
    text = write(Annotated(caterpillar(5000)))
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(40_000)  # for the reader; the writer has run without
    try:
        node, deep = json.loads(text), 0
    finally:
        sys.setrecursionlimit(limit)
    while node["children"]:
        node, deep = node["children"][-1], deep + 1
    assert deep == 4999
