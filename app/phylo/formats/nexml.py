"""A tree as NeXML 0.9 (Vos et al. 2012): tips, nodes and edges in flat lists.

Names are the labels of the otus. Support is `cdao:has_Support_Value` of an edge; dates, other
columns, families and traits are `gb:<name>` of nodes and edges. The value of each stands twice,
as content and as text, since readers look in different places.
"""

from app.phylo.annotated import Annotated
from app.phylo.formats.columns import date, numbers, words
from app.phylo.formats.percent import hide, word
from app.phylo.formats.xml_lines import XSD, XSI, Xml

_NAMESPACES = {
    "xmlns": "http://www.nexml.org/2009",
    "xmlns:nex": "http://www.nexml.org/2009",
    "xmlns:xsi": XSI,
    "xmlns:xsd": XSD,
    "xmlns:cdao": "http://purl.obolibrary.org/obo/cdao.owl#",
    "xmlns:gb": "urn:genebank:",
}


def write(annotated: Annotated) -> str:
    """Return the text of a NeXML file of one rooted tree."""
    tree = annotated.tree
    xml = Xml()
    with xml.element("nex:nexml", {**_NAMESPACES, "version": "0.9", "generator": "genebank"}):
        with xml.element("otus", {"id": "tips"}):
            for tip, label in enumerate(tree.labels):
                xml.leaf("otu", "", {"id": f"otu{tip}", "label": label})
        floats = {"id": "tree", "xsi:type": "nex:FloatTree"}
        with xml.element("trees", {"id": "trees", "otus": "tips"}), xml.element("tree", floats):
            for node in range(tree.n_nodes):
                _node(xml, annotated, node)
            for node in range(tree.root):
                _edge(xml, annotated, node)
    return xml.text()


def _node(xml: Xml, annotated: Annotated, node: int) -> None:
    tree = annotated.tree
    attributes = {"id": f"n{node}"}
    if node < tree.n_tips:
        attributes |= {"otu": f"otu{node}", "label": tree.labels[node]}
    if node == tree.root:
        attributes["root"] = "true"
    when = date(annotated, node)
    with xml.element("node", attributes):
        if when is not None:
            _meta(xml, f"n{node}.date", "gb:date", repr(when), "double")
        for place, (name, said) in enumerate(words(annotated, node).items()):
            _meta(xml, f"n{node}.{place}", f"gb:{word(name)}", said, "string")


def _edge(xml: Xml, annotated: Annotated, node: int) -> None:
    tree = annotated.tree
    attributes = {
        "id": f"e{node}",
        "source": f"n{tree.parents[node]}",
        "target": f"n{node}",
        "length": repr(float(tree.lengths[node])),
    }
    with xml.element("edge", attributes):
        for name, number in numbers(annotated, node).items():
            key = "cdao:has_Support_Value" if name == "support" else f"gb:{word(name)}"
            _meta(xml, f"e{node}.{word(name)}", key, repr(number), "double")


def _meta(xml: Xml, identity: str, key: str, value: str, kind: str) -> None:
    attributes = {
        "id": identity,
        "xsi:type": "nex:LiteralMeta",
        "property": key,
        "datatype": f"xsd:{kind}",
        "content": value,
    }
    xml.leaf("meta", hide(value), attributes)
