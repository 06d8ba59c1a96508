"""Arborescences cost what networkx's cost; nobody descends from himself."""

import networkx as nx
import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.lineage.arborescence import ROOT, arborescence

F64 = npt.NDArray[np.float64]
# Few values make ties; 9 is no edge.
COSTS = st.integers(1, 7).flatmap(
    lambda n: arrays(np.float64, (n + 1, n), elements=st.sampled_from([0.5, 1, 1.5, 2, 3, 9]))
)


def graph(costs: F64) -> "nx.DiGraph[int]":
    n = costs.shape[1]
    made: nx.DiGraph[int] = nx.DiGraph()
    for row, column in np.argwhere(np.isfinite(costs)).tolist():
        if row != column:
            made.add_edge(row, column, weight=costs[row, column])
    made.add_node(n)
    return made


@given(COSTS, st.sampled_from([0.75, 2.5, 100.0]))
def test_it_costs_as_little_as_any(drawn: F64, founding: float) -> None:
    costs = np.where(drawn == 9, np.inf, drawn)
    costs[-1] = founding
    n = costs.shape[1]
    parents = arborescence(costs)
    rows = np.where(parents == ROOT, n, parents)
    joined = nx.DiGraph(zip(rows.tolist(), range(n), strict=True))
    assert nx.is_arborescence(joined)
    best = nx.minimum_spanning_arborescence(graph(costs))
    expected = sum(data["weight"] for _, _, data in best.edges(data=True))
    assert np.isclose(costs[rows, np.arange(n)].sum(), expected)


def test_a_line_of_many_circles_is_opened() -> None:
    n = 60
    costs = np.full((n + 1, n), np.inf)
    at = np.arange(n - 1)
    costs[at, at + 1] = costs[at + 1, at] = np.arange(n - 1)[::-1]
    costs[-1] = 1000.0
    costs[-1, 20] = 999.0
    parents = arborescence(costs)
    assert parents[20] == ROOT
    assert parents.tolist() == [*range(1, 21), ROOT, *range(20, n - 1)]


def test_one_node_is_a_founder() -> None:
    assert arborescence(np.array([[np.inf], [1.0]])).tolist() == [ROOT]
