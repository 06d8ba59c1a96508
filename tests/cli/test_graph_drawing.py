"""Graphs as text: every edge once, circles too, and a line of thousands."""

import sys
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from app.cli.graph_drawing import alone, draw_families

NAMES = "abcdef"


def graph(*pairs: tuple[str, str], names: str | list[str] = NAMES) -> dict[str, Any]:
    return {
        "models": [
            {"model": {"id": name, "name": name}, "family": 0, "released": None,
             "standing": "founder", "fingerprinted": name != "f"}
            for name in names
        ],
        "edges": [
            {"child": {"id": child, "name": child}, "parent": {"id": parent, "name": parent},
             "kind": "inferred", "support": "supported", "directed": True, "conflicts": []}
            for child, parent in pairs
        ],
    }  # fmt: skip


def lines(data: dict[str, Any]) -> list[str]:
    console = Console(width=200, color_system=None)
    with console.capture() as captured:
        for tree in draw_families(data):
            console.print(tree)
    return captured.get().splitlines()


@given(st.sets(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=12))
def test_every_edge_is_drawn_once(pairs: set[tuple[str, str]]) -> None:
    pairs = {pair for pair in pairs if pair[0] != pair[1]}
    data = graph(*sorted(pairs))
    assert sum("─ " in line for line in lines(data)) == len(pairs)
    joined = {end for pair in pairs for end in pair}
    assert {one["model"]["name"] for one in alone(data)} == set(NAMES) - joined


def test_signs() -> None:
    data = graph(("b", "a"), ("c", "b"), ("f", "c"))
    data["edges"][1] |= {"directed": False}
    data["edges"][2] |= {"kind": "declared", "support": "undecided", "conflicts": ["dates"]}
    assert lines(data) == [
        "a  founder",
        "└── b  inferred",
        "    └── c  related; which came first is not known",
        "        └── f  declared, undecided, but released earlier",
    ]
    assert lines(graph(("a", "f")))[0] == "f  founder, never fingerprinted"


def test_a_long_line_does_not_recurse() -> None:
    names = [str(number) for number in range(2 * sys.getrecursionlimit())]
    made = list(draw_families(graph(*zip(names[1:], names[:-1], strict=True), names=names)))
    assert len(made) == 1
