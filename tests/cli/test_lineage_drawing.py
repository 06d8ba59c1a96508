"""Drawings of descent: every edge once, merges once, and an end to circles."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from app.cli.lineage_drawing import draw

NAMES = st.sampled_from("abcdef")


def edge(child: str, parent: str, kind: str = "declared") -> dict[str, Any]:
    ends = {"child": {"id": child, "name": child}, "parent": {"id": parent, "name": parent}}
    return {**ends, "kind": kind, "support": "supported"}


def lines(name: str, *edges: dict[str, Any], upwards: bool = True) -> list[str]:
    console = Console(width=200, color_system=None)
    with console.capture() as captured:
        console.print(draw({"id": name, "name": name}, edges, upwards=upwards))
    return captured.get().splitlines()


def test_a_merge_is_drawn_with_all_its_parents_and_their_line_once() -> None:
    edges = [edge("m", "a"), edge("m", "b"), edge("a", "base"), edge("b", "base", "inferred")]
    assert lines("m", *edges, edge("base", "root")) == [
        "m",
        "├── a  declared, supported",
        "│   └── base  declared, supported",
        "│       └── root  declared, supported",
        "└── b  declared, supported",
        "    └── base  inferred  (see above)",
    ]
    assert lines("base", *edges, upwards=False)[:3] == [
        "base",
        "├── a  declared, supported",
        "│   └── m  declared, supported",
    ]


@given(st.sets(st.tuples(NAMES, NAMES), max_size=12), NAMES)
def test_every_edge_that_can_be_reached_is_drawn_once(
    pairs: set[tuple[str, str]], start: str
) -> None:
    reached, waiting = {start}, [start]
    while waiting:
        child = waiting.pop()
        further = {parent for low, parent in pairs if low == child} - reached
        reached |= further
        waiting += further
    drawn = lines(start, *(edge(*pair) for pair in sorted(pairs)))
    assert len(drawn) == 1 + sum(child in reached for child, _ in pairs)


def test_names_cannot_drive_a_terminal() -> None:
    assert "\x1b" not in "".join(lines("a", edge("a", "\x1b[31mred [bold]")))
    assert "[bold]" in "".join(lines("a", edge("a", "[bold]")))
