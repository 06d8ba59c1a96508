"""DOT: any name survives inside its quotes, and signs say what edges are."""

import html
import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.lineage.graphviz import to_dot
from app.lineage.picture import Picture, make_picture
from app.lineage.words import printable
from tests.lineage.planted import declared, derived, members

# A quoted string, in which a backslash takes the next character along (the DOT language).
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
HOSTILE = st.text(st.sampled_from("\"\\N&;<>{}[]=\n\x1b\u202e'é模/-"), min_size=1, max_size=12)


def picture(*names: str) -> Picture:
    claims = [declared("oak-chat", "stranger-0", "contradicted"), declared("oak-code", "oak-base")]
    made = make_picture(
        members({"oak-base": "2024-01", "oak-code": "2024-02"}), derived({}, claims)
    )
    nodes = [replace(node, name=name) for node, name in zip(made.nodes, names, strict=False)]
    return replace(made, nodes=(*nodes, *made.nodes[len(nodes) :]))


def labels(dot: str) -> list[str]:
    """The first lines of the nodes' labels, as DOT reads them."""
    found = re.findall(r'^ *n\d+ \[label=("(?:[^"\\]|\\.)*")', dot, re.MULTILINE)
    first = (re.split(r"(?<!\\)(?:\\\\)*\\n", one[1:-1]) for one in found)
    return [html.unescape(re.sub(r"\\(.)", r"\1", parts[0])) for parts in first]


@given(st.lists(HOSTILE, min_size=1, max_size=3))
def test_any_name_survives(names: list[str]) -> None:
    dot = to_dot(picture(*names))
    outside = QUOTED.sub("", dot)
    assert '"' not in outside
    assert outside.isascii()
    assert outside.count("{") == outside.count("}")
    assert all(line.isprintable() for line in dot.split("\n"))
    read = re.findall(r'^ *n\d+ \[label="((?:[^"\\]|\\.)*)"', dot, re.MULTILINE)
    for name in names:
        escaped = printable(name).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
        assert any(label.startswith(f"{escaped}\\n") for label in read)


def test_plain_names_are_read_back() -> None:
    assert {"org/model-7b", "a & b"} <= set(labels(to_dot(picture("org/model-7b", "a & b"))))


def test_signs() -> None:
    made = picture()
    lines = to_dot(made).splitlines()
    drawn = {
        (int(m[2]), int(m[1])): m[3]
        for line in lines
        if (m := re.match(r"\s*n(\d+) -> n(\d+) \[(.*)\];", line))
    }
    assert len(drawn) == len(made.edges)
    for edge in made.edges:
        style = drawn[edge.child, edge.parent]
        assert f"style={'solid' if edge.kind == 'declared' else 'dashed'}" in style
        assert ("dir=none" in style) != edge.directed
        assert ('color="#cc0000"' in style) == (edge.support == "contradicted")
    assert sum("subgraph cluster_" in line for line in lines) == 2, "the family and the legend"
    assert 'label="50%"' in "".join(drawn.values()) or "%" in "".join(drawn.values())
