from io import StringIO
from xml.etree import ElementTree as ET

import dendropy
from Bio import Phylo
from hypothesis import given, settings

from app.phylo.annotated import Annotated
from app.phylo.formats.nexml import write
from tests.phylo.formats.readers import from_biopython, from_dendropy
from tests.phylo.formats.reading_back import annotations, check, names
from tests.phylo.strategies import caterpillar

NEX = "{http://www.nexml.org/2009}"


@given(annotations(names))
@settings(deadline=None, max_examples=60)
def test_dendropy_reads_the_same_tree(annotated):
    tree = dendropy.Tree.get(data=write(annotated), schema="nexml")
    assert tree.is_rooted

    def support(node):
        return node.edge.annotations.get_value("has_Support_Value")

    check(annotated, from_dendropy(tree.seed_node, support))


@given(annotations(names))
@settings(deadline=None, max_examples=60)
def test_biopython_reads_the_same_tree(annotated):
    text = write(annotated)
    otus = ET.fromstring(text).iter(f"{NEX}otu")  # noqa: S314 - our own text
    labels = {otu.attrib["id"]: otu.attrib["label"] for otu in otus}
    tree = Phylo.read(StringIO(text), "nexml")
    assert tree.rooted
    check(annotated, from_biopython(tree.root, lambda clade: labels[clade.name]))


def test_columns_are_annotations(full):
    tree = dendropy.Tree.get(data=write(full), schema="nexml")
    tips = {node.taxon.label: node for node in tree.leaf_node_iter()}
    assert tips["a"].annotations.get_value("family") == "wolves"
    assert tips["a"].annotations.get_value("maker") == "=acme <&>"
    assert tips["c"].annotations.get_value("date") == 2024.25
    edge = tips["a"].parent_node.edge
    assert edge.annotations.get_value("bootstrap") == 0.5


def test_ids_differ(full):
    ids = [e.attrib["id"] for e in ET.fromstring(write(full)).iter() if "id" in e.attrib]  # noqa: S314 - our own text
    assert len(ids) == len(set(ids))


def test_deep_trees():
    tree = caterpillar(5000)
    root = ET.fromstring(write(Annotated(tree)))  # noqa: S314 - our own text
    edges = {e.attrib["target"]: e.attrib["source"] for e in root.iter(f"{NEX}edge")}
    assert len(edges) == tree.n_nodes - 1
    assert edges == {f"n{child}": f"n{parent}" for child, parent in enumerate(tree.parents[:-1])}
