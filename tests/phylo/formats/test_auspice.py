import json
import math
import re
import sys

import numpy as np
from hypothesis import given, settings

from app.phylo.annotated import Annotated
from app.phylo.formats.auspice import write
from app.phylo.tree import NO_PARENT, assemble
from tests.phylo.formats.reading_back import annotations, check, names
from tests.phylo.strategies import caterpillar

TYPES = {"continuous", "temporal", "ordinal", "categorical", "boolean"}
# What node_attrs may hold that is no colouring of ours.
RESERVED = ("div", "num_date", "vaccine", "hidden", "url", "author", "accession", "none")


def assert_valid(dataset):
    """The rules of Nextstrain's schema of datasets, v2, for what we write (augur 2024-2026)."""
    assert dataset.keys() == {"version", "meta", "tree"}
    assert dataset["version"] == "v2"
    meta = dataset["meta"]
    keys = {colouring["key"] for colouring in meta["colorings"]}
    assert {"updated", "panels"} <= meta.keys()
    assert meta.keys() <= {"title", "updated", "panels", "colorings", "filters", "display_defaults"}
    assert re.fullmatch("[0-9X]{4}-[0-9X]{2}-[0-9X]{2}", meta["updated"])
    assert meta["panels"] == ["tree"]
    for colouring in meta["colorings"]:
        assert colouring.keys() <= {"key", "title", "type"}
        assert colouring["type"] in TYPES
    assert set(meta["filters"]) <= keys
    defaults = meta["display_defaults"]
    assert defaults["distance_measure"] in ("div", "num_date")
    assert defaults.get("color_by") in keys | {None}
    assert re.fullmatch("[a-zA-Z0-9]+", defaults.get("branch_label", "none"))
    seen = set()
    for node, _ in nodes(dataset):
        assert {"name", "node_attrs"} <= node.keys()
        assert node.keys() <= {"name", "node_attrs", "branch_attrs", "children"}
        assert node["name"] not in seen
        seen.add(node["name"])
        assert node.get("children") != []
        assert_valid_attributes(node, keys)


def assert_valid_attributes(node, keys):
    attributes = node["node_attrs"]
    assert math.isfinite(attributes["div"])
    for key, given_ in attributes.items():
        if key != "div":
            assert given_.keys() == {"value"}
            assert isinstance(given_["value"], (str, float))
            assert key == "num_date" or (key in keys and not key.startswith(RESERVED))
    for key, label in node.get("branch_attrs", {"labels": {}})["labels"].items():
        assert re.fullmatch("[a-zA-Z0-9]+", key)
        assert isinstance(label, str)


def nodes(dataset):
    """All nodes, each with its parent."""
    stack = [(dataset["tree"], None)]
    while stack:
        node, parent = stack.pop()
        yield node, parent
        stack.extend((child, node) for child in node.get("children", ()))


@given(annotations(names))
@settings(deadline=None, max_examples=60)
def test_the_tree_can_be_built_again(annotated):
    dataset = json.loads(write(annotated))
    assert_valid(dataset)
    found, parents, lengths, support = [], [], [], []
    place = {}
    for node, parent in nodes(dataset):
        place[node["name"]] = len(found)
        attributes = node["node_attrs"]
        found.append(None if "children" in node else node["name"])
        parents.append(NO_PARENT if parent is None else place[parent["name"]])
        above = 0.0 if parent is None else parent["node_attrs"]["div"]
        lengths.append(max(0.0, attributes["div"] - above))
        support.append(attributes.get("support", {"value": math.nan})["value"])
    check(annotated, assemble(found, parents, lengths, support))


def test_columns_are_colourings(full):
    dataset = json.loads(write(full, "2026-11-27"))
    assert_valid(dataset)
    meta = dataset["meta"]
    assert meta["updated"] == "2026-11-27"
    assert [(c["key"], c["title"], c["type"]) for c in meta["colorings"]] == [
        ("family", "family", "categorical"),
        ("trait_maker", "maker", "categorical"),
        ("num_date", "date", "temporal"),
        ("support", "support", "continuous"),
        ("branch_bootstrap", "bootstrap", "continuous"),
    ]
    assert meta["display_defaults"] == {
        "distance_measure": "div",  # the date of one tip is not known
        "color_by": "family",
        "branch_label": "support",
    }
    by_name = {node["name"]: node for node, _ in nodes(dataset)}
    assert by_name["c"]["node_attrs"] == {
        "div": 2.0,
        "num_date": {"value": 2024.25},
        "trait_maker": {"value": "b"},
    }
    pair = by_name["NODE_0000003"]
    assert pair["node_attrs"]["div"] == 0.25
    assert pair["branch_attrs"] == {"labels": {"support": "0.95"}}


def test_columns_of_which_nothing_is_known_are_no_colourings(full):
    bare = Annotated(full.tree, families=("", "", ""), traits={"maker": ("", "", "")})
    meta = json.loads(write(bare))["meta"]
    assert [colouring["key"] for colouring in meta["colorings"]] == ["support"]
    assert meta["filters"] == []


def test_a_dated_tree_is_shown_in_time(full):
    dated = Annotated(full.tree, dates=np.full(5, 2024.0))
    defaults = json.loads(write(dated))["meta"]["display_defaults"]
    assert defaults == {"distance_measure": "num_date", "color_by": "num_date"} | {
        "branch_label": "support"
    }


def test_names_that_come_again_are_numbered():
    tree = assemble(["a", "a", "NODE_0000003", None], [3, 3, 3, -1], [1, 1, 1, 0])
    assert [node["name"] for node, _ in nodes(json.loads(write(Annotated(tree))))] == [
        "NODE_0000003 (2)",
        "NODE_0000003",
        "a (2)",
        "a",
    ]


def test_deep_trees():
    text = write(Annotated(caterpillar(5000)))
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(40_000)  # for the reader; the writer has run without
    try:
        dataset = json.loads(text)
    finally:
        sys.setrecursionlimit(limit)
    assert sum(1 for _ in nodes(dataset)) == 9999
