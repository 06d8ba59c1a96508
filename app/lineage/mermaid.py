"""Derivation graphs as Mermaid flowcharts, which pages of Markdown draw.

The same signs as in DOT (see `graphviz`). Mermaid draws up to 500 edges and 50,000 characters
unless the page allows more.
"""

from collections.abc import Iterator

from app.lineage.edges import Edge
from app.lineage.picture import Picture
from app.lineage.words import printable

AGAINST, OPEN = "stroke:#c00", "stroke:#777"
# Read as they are inside quotes; everything else is written by its code point.
PLAIN = frozenset(" ,_/:+")


def to_mermaid(picture: Picture) -> str:
    """The graph as a Mermaid flowchart, with a legend; any name survives."""
    return "\n".join(_lines(picture)) + "\n"


def _lines(picture: Picture) -> Iterator[str]:
    yield "flowchart LR"
    for place, family in enumerate(picture.families):
        inset = "  "
        if not family.is_alone:
            inset = "    "
            yield f"  subgraph f{place}[{_quoted(family.name)}]"
        for member in family.members:
            yield f"{inset}{_node(picture, member)}"
        if not family.is_alone:
            yield "  end"
    for edge in picture.edges:
        yield f"  n{edge.parent} {_arrow(edge)} n{edge.child}"
    yield "  subgraph legend[edges lead from parent to child]"
    yield '    la[" "] -->|declared| lb[" "] -.->|inferred| lc[" "]'
    yield '    lc -.-|which came first is not known| ld[" "]'
    yield '    ld -->|declared, something speaks against it| le[" "]'
    yield "  end"
    yield from _styles(picture)


def _node(picture: Picture, member: int) -> str:
    node = picture.nodes[member]
    below = ", ".join(filter(None, (node.released, node.standing)))
    return (
        f'n{member}["{_escaped(node.name)}<br/>{_escaped(below)}"]:::{_class(picture, node.family)}'
    )


def _arrow(edge: Edge) -> str:
    arrow = "-->" if edge.kind == "declared" else "-.->" if edge.directed else "-.-"
    return arrow if edge.share is None else f'{arrow}|"{_escaped(f"{edge.share:.0%}")}"|'


def _styles(picture: Picture) -> Iterator[str]:
    classes = {_class(picture, place): place for place in range(len(picture.families))}
    for name, place in classes.items():
        yield f"  classDef {name} fill:{picture.fill(place)},stroke:#222,color:#000"
    n = len(picture.edges)
    styles = {
        place: AGAINST if edge.support == "contradicted" or edge.conflicts else OPEN
        for place, edge in enumerate(picture.edges)
        if edge.support == "contradicted" or edge.conflicts or not edge.directed
    }
    # The legend's edges come last, in the order in which they are written.
    for place, style in (styles | {n + 2: OPEN, n + 3: AGAINST}).items():
        yield f"  linkStyle {place} {style}"


def _class(picture: Picture, family: int) -> str:
    """One for each colour."""
    return f"fill{picture.fill(family)[1:]}"


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    """Inside quotes: letters and digits as they are, what could mean something as `#code;`.

    A point or a hyphen before a space begins a list in Markdown, which labels are read as.
    """
    shown = printable(text)
    return "".join(
        char
        if char.isalnum() or char in PLAIN or (char in ".-" and not following.isspace())
        else f"#{ord(char)};"
        for char, following in zip(shown, [*shown[1:], " "], strict=True)
    )
