"""Mermaid: any name survives as entity codes, edges are counted for their styles."""

import re

from hypothesis import given
from hypothesis import strategies as st

from app.lineage.mermaid import to_mermaid
from app.lineage.words import printable
from tests.lineage.test_graphviz import picture

HOSTILE = st.text(st.sampled_from("\"\\`#&;<>{}[]()|%=\n\x1b\u202e'é模/-. 1*"), min_size=1)
LINK = re.compile(r"-->|-\.->|-\.-")


def unescaped(text: str) -> str:
    """As Mermaid reads entity codes."""
    return re.sub(r"#(\d+);", lambda found: chr(int(found[1])), text)


@given(st.lists(HOSTILE, min_size=1, max_size=3))
def test_any_name_survives(names: list[str]) -> None:
    text = to_mermaid(picture(*names))
    nodes = dict(re.findall(r'^ *n(\d+)\["(.*)"\]:::\w+$', text, re.MULTILINE))
    for place, name in enumerate(names):
        label = nodes[str(place)].removesuffix("").rpartition("<br/>")[0]
        assert unescaped(label) == printable(name)
        assert re.fullmatch(r"(?:[\w ,/:+.\-]|#\d+;)*", label)
        assert not re.search(r"[-.]\s|[-.]$", label)


def test_every_line_is_of_a_known_kind() -> None:
    kinds = (
        r"flowchart LR",
        r'  subgraph f\d+\[".*"\]|  subgraph legend\[[\w ]+\]|  end',
        r' +n\d+\[".*"\]:::fill\w{6}',
        r'  n\d+ (-->|-\.->|-\.-)(\|"\d+#37;"\|)? n\d+',
        r'    l\w(\[" "\])? .*',
        r"  classDef fill\w{6} fill:#\w{6},stroke:#222,color:#000",
        r"  linkStyle \d+ stroke:#\w{3}",
    )
    lines = to_mermaid(picture()).splitlines()
    for line in lines:
        assert re.fullmatch("|".join(kinds), line), line
    assert lines[0] == "flowchart LR"


def test_styles_are_of_the_edges_that_they_are_meant_for() -> None:
    made = picture()
    text = to_mermaid(made)
    links = [link for line in text.splitlines() if '["' not in line or " l" in line
             for link in LINK.findall(line)]  # fmt: skip
    assert len(links) == len(made.edges) + 4
    styled = dict(re.findall(r"linkStyle (\d+) (\S+)", text))
    red = {place for place, edge in enumerate(made.edges) if edge.support == "contradicted"}
    open_ = {place for place, edge in enumerate(made.edges) if not edge.directed}
    n = len(made.edges)
    assert {int(k) for k, v in styled.items() if v == "stroke:#c00"} == {*red, n + 3}
    assert {int(k) for k, v in styled.items() if v == "stroke:#777"} == {*open_, n + 2}
