"""Families: the connected parts of a graph, and what was declared."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.dna.families import Mask, connected, declared


def graph(n: int, edges: Iterable[tuple[int, int]]) -> Mask:
    near = np.zeros((n, n), dtype=bool)
    for a, b in edges:
        near[a, b] = near[b, a] = True
    return near


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, list[tuple[int, int]]]:
    n = draw(st.integers(1, 12))
    ends = st.integers(0, n - 1)
    return n, draw(st.lists(st.tuples(ends, ends), max_size=15))


def united(n: int, edges: Iterable[tuple[int, int]]) -> list[int]:
    """Union-find: the least member of each one's family."""
    parents = list(range(n))

    def root(one: int) -> int:
        while parents[one] != one:
            one = parents[one]
        return one

    for a, b in edges:
        low, high = sorted((root(a), root(b)))
        parents[high] = low
    return [root(one) for one in range(n)]


@given(graphs())
def test_who_is_joined_by_a_chain_is_of_one_family(
    drawn: tuple[int, list[tuple[int, int]]],
) -> None:
    labels = connected(graph(*drawn)).tolist()
    roots = united(*drawn)
    order = list(dict.fromkeys(roots))
    assert labels == [order.index(root) for root in roots], "numbered as they appear"


def test_none_are_no_family() -> None:
    assert connected(graph(0, [])).tolist() == []
    assert declared([]).shape == (0, 0)


def test_a_long_chain_is_one_family() -> None:
    n = 3000
    order = np.random.default_rng(1).permutation(n).tolist()
    assert not connected(graph(n, pairwise(order))).any()


@given(st.lists(st.sampled_from(["", "a", "b", "A"]), max_size=8))
def test_a_name_is_a_family_and_no_name_is_none(names: list[str]) -> None:
    found = declared(names)
    assert found.dtype == bool
    expected = [
        [i == j or (a == b and a != "") for j, b in enumerate(names)] for i, a in enumerate(names)
    ]
    assert found.tolist() == expected
