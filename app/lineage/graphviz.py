"""Derivation graphs as Graphviz DOT: `dot -Tsvg graph.dot > graph.svg`.

Declared edges are solid, inferred ones dashed, claims that something speaks against red; an edge
without a head says that nobody knows which came first. A family is a box of one colour.
"""

from collections.abc import Iterator

from app.lineage.edges import Edge
from app.lineage.picture import Picture
from app.lineage.words import printable

AGAINST, OPEN, PLAIN = "#cc0000", "#777777", "#222222"
# What a legend needs: its edges, by what they mean.
MEANINGS = (
    ("declared", f'style=solid color="{PLAIN}"'),
    ("inferred", f'style=dashed color="{PLAIN}"'),
    ("which came first is not known", f'style=dashed dir=none color="{OPEN}"'),
    ("declared, something speaks against it", f'style=solid color="{AGAINST}"'),
)


def to_dot(picture: Picture) -> str:
    """The graph in the DOT language, with a legend; any name survives."""
    return "\n".join(_lines(picture)) + "\n"


def _lines(picture: Picture) -> Iterator[str]:
    yield "digraph derivation {"
    yield '  graph [rankdir=LR fontname="Helvetica" fontsize=11 bgcolor="white"];'
    yield '  node [shape=box style="rounded,filled" fontname="Helvetica" fontsize=10];'
    yield '  edge [fontname="Helvetica" fontsize=8];'
    for place, family in enumerate(picture.families):
        inset = "  "
        if not family.is_alone:
            inset = "    "
            yield f"  subgraph cluster_{place} {{"
            yield f'    graph [label={_quoted(family.name)} color="#bbbbbb" style=rounded];'
        for member in family.members:
            yield f"{inset}{_node(picture, member)}"
        if not family.is_alone:
            yield "  }"
    for edge in picture.edges:
        yield f"  {_edge(edge)}"
    yield from _legend()
    yield "}"


def _node(picture: Picture, member: int) -> str:
    node = picture.nodes[member]
    below = ", ".join(filter(None, (node.released, node.standing)))
    label = f'"{_escaped(node.name)}\\n{_escaped(below)}"'
    border = f'color="{PLAIN}" penwidth={2 if node.standing == "founder" else 1}'
    return f'n{member} [label={label} fillcolor="{picture.fill(node.family)}" {border}];'


def _edge(edge: Edge) -> str:
    told = "; ".join(filter(None, (*(reason.detail for reason in edge.reasons), edge.doubt)))
    label = "" if edge.share is None else f" label={_quoted(f'{edge.share:.0%}')}"
    return f"n{edge.parent} -> n{edge.child} [{_style(edge)} tooltip={_quoted(told)}{label}];"


def _style(edge: Edge) -> str:
    style = "solid" if edge.kind == "declared" else "dashed"
    if edge.support == "contradicted" or edge.conflicts:
        # It must not pull the families apart that it joins wrongly.
        return f'style={style} color="{AGAINST}" constraint=false'
    if not edge.directed:
        return f'style={style} dir=none color="{OPEN}"'
    colour = OPEN if edge.support == "undecided" else PLAIN
    return f'style={style} color="{colour}"'


def _legend() -> Iterator[str]:
    yield "  subgraph cluster_legend {"
    yield '    graph [label="edges lead from parent to child" color="#bbbbbb" rank=sink];'
    yield '    node [shape=point width=0.05 style=filled fillcolor="#222222" label=""];'
    for place, (meaning, style) in enumerate(MEANINGS):
        yield f"    l{place}a -> l{place}b [{style} label={_quoted(meaning)}];"
    yield "  }"


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    """Inside quotes: DOT reads escapes and, as HTML does, entities."""
    marked = printable(text).replace("&", "&amp;")
    return marked.replace("\\", "\\\\").replace('"', '\\"')
