"""A tree as PhyloXML 1.10 (Han and Zmasek 2009).

Characters that XML cannot carry, and white space that readers lose, are written as %XX
(`app.phylo.formats.percent`). Support is the confidence of a clade; other columns, the family
and the traits are properties, `genebank:<name>`.
"""

from app.phylo.annotated import Annotated
from app.phylo.formats.columns import date, numbers, words
from app.phylo.formats.percent import hide, word
from app.phylo.formats.xml_lines import XSI, Xml
from app.phylo.tree import walk

_NAMESPACE = "http://www.phyloxml.org"


def write(annotated: Annotated) -> str:
    """Return the text of a PhyloXML file of one rooted tree."""
    xml = Xml()
    where = f"{_NAMESPACE} {_NAMESPACE}/1.10/phyloxml.xsd"
    root = {"xmlns": _NAMESPACE, "xmlns:xsi": XSI, "xsi:schemaLocation": where}
    with xml.element("phyloxml", root), xml.element("phylogeny", {"rooted": "true"}):
        for node, entering in walk(annotated.tree.children(), annotated.tree.root):
            if entering:
                xml.open("clade")
                _open(xml, annotated, node)
            else:
                xml.close("clade")
    return xml.text()


def _open(xml: Xml, annotated: Annotated, node: int) -> None:
    """What the schema wants before the children of a clade, in its order."""
    tree = annotated.tree
    if node < tree.n_tips:
        xml.leaf("name", hide(tree.labels[node]))
    if node != tree.root:
        xml.leaf("branch_length", repr(float(tree.lengths[node])))
    known = numbers(annotated, node)
    if "support" in known:
        xml.leaf("confidence", repr(known.pop("support")), {"type": "support"})
    when = date(annotated, node)
    if when is not None:
        with xml.element("date", {"unit": "year"}):
            xml.leaf("value", repr(when))
    for name, number in known.items():
        _property(xml, name, repr(number), "double", "parent_branch")
    for name, said in words(annotated, node).items():
        _property(xml, name, hide(said), "string", "clade")


def _property(xml: Xml, name: str, value: str, kind: str, of: str) -> None:
    ref = {"ref": f"genebank:{word(name)}", "datatype": f"xsd:{kind}", "applies_to": of}
    xml.leaf("property", value, ref)
