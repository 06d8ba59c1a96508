"""Lines of declared descent: shortest ones, and an end to every walk."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.lineage.descent import MOST_MODELS, MOST_STEPS, lines

NAMES = st.sampled_from("abcdefgh")
GRAPHS = st.dictionaries(NAMES, st.lists(NAMES, max_size=3))


@given(GRAPHS, NAMES)
def test_every_line_is_a_way_and_none_is_shorter(graph: dict[str, list[str]], start: str) -> None:
    found = lines(start, lambda model: graph.get(model, []))
    steps = {start: 0}
    for number in range(1, len(graph) + 1):
        reached = [end for model, n in steps.items() if n < number for end in graph.get(model, [])]
        steps.update({end: number for end in reached if end not in steps})
    assert {model: len(between) + 1 for model, between in found.items()} == {
        model: n for model, n in steps.items() if model != start
    }
    for model, between in found.items():
        way = [start, *between, model]
        assert all(b in graph.get(a, []) for a, b in pairwise(way))


def test_circles_end() -> None:
    assert lines("a", {"a": ["b"], "b": ["a"]}.__getitem__) == {"b": ()}
    assert lines("a", lambda _: ["a"]) == {}


def test_long_lines_and_large_crowds_are_cut() -> None:
    assert len(lines("", lambda model: [f"{model}x"])) == MOST_STEPS
    crowd = lines("", lambda model: [f"{model}{child} " for child in range(30)])
    assert len(crowd) == MOST_MODELS
