import warnings
from io import StringIO
from xml.etree import ElementTree as ET

import pytest
from Bio import Phylo
from hypothesis import given, settings

from app.phylo.annotated import Annotated
from app.phylo.formats.phyloxml import write
from tests.phylo.formats.readers import from_biopython
from tests.phylo.formats.reading_back import annotations, check, names
from tests.phylo.strategies import caterpillar


def biopython_tree(annotated):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return Phylo.read(StringIO(write(annotated)), "phyloxml")


@given(annotations(names.filter(bool)))
@settings(deadline=None, max_examples=60)
def test_biopython_reads_the_same_tree(annotated):
    tree = biopython_tree(annotated)
    assert tree.rooted

    def support(clade):
        return clade.confidence.value if clade.confidences else None

    check(annotated, from_biopython(tree.root, support=support))


def test_columns_are_properties(full):
    root = biopython_tree(full).root
    [pair] = [clade for clade in root.clades if clade.clades]
    tips = {tip.name: tip for tip in root.get_terminals()}
    assert (pair.confidence.type, pair.confidence.value) == ("support", 0.95)
    assert (pair.date.value, pair.date.unit) == (2023.5, "year")
    assert [(p.ref, p.value, p.applies_to) for p in pair.properties] == [
        ("genebank:bootstrap", "0.5", "parent_branch")
    ]
    assert [(p.ref, p.value) for p in tips["a"].properties] == [
        ("genebank:family", "wolves"),
        ("genebank:maker", "=acme <&>"),
    ]
    assert tips["a"].date is None


def test_the_schema_wants_an_order(full):
    """phyloxml 1.10: name, branch_length, confidence, ..., date, ..., property, clade."""
    order = ["name", "branch_length", "confidence", "date", "property", "clade"]
    for clade in ET.fromstring(write(full)).iter("{http://www.phyloxml.org}clade"):  # noqa: S314 - our own text
        found = [order.index(child.tag.split("}")[1]) for child in clade]
        assert found == sorted(found)


@pytest.mark.parametrize("n", [1, 5000])
def test_deep_trees(n):
    tree = caterpillar(n) if n > 1 else caterpillar(2)
    text = write(Annotated(tree))
    parser = ET.XMLPullParser(["start", "end"])
    parser.feed(text)
    deep = deepest = 0
    for event, element in parser.read_events():
        if element.tag.endswith("}clade"):
            deep += 1 if event == "start" else -1
            deepest = max(deep, deepest)
            if event == "end":
                element.clear()  # or the pieces are freed by recursion
    assert (deep, deepest) == (0, tree.n_tips)
