"""Edges that lead never run in a circle, and two models are joined once."""

from dataclasses import replace

from app.lineage.claims import Support
from app.lineage.edges import Edge, Edges


def edge(child: int, parent: int, *, directed: bool = True, support: Support = "supported") -> Edge:
    return Edge(child, parent, "inferred", support, directed, "low")


def test_an_edge_that_closes_a_circle_is_left_out() -> None:
    edges = Edges()
    edges.add([edge(1, 0), edge(2, 1), edge(0, 2), edge(2, 0)])
    assert [(one.child, one.parent) for one in edges.drawn] == [(1, 0), (2, 1)]
    assert edges.is_above(0, 2)
    assert not edges.is_above(2, 0)
    assert edges.parents(2) == {1}


def test_edges_without_a_head_and_contradicted_claims_lead_nowhere() -> None:
    edges = Edges()
    edges.add([edge(1, 0, directed=False)])
    edges.claim(edge(2, 1, support="contradicted"))
    edges.claim(edge(3, 1, support="undecided"))
    assert not edges.parents(1)
    assert not edges.parents(2)
    assert edges.parents(3) == {1}
    assert [one.holds for one in edges.drawn] == [False, False, False]
    edges.add([edge(0, 1)])
    assert len(edges.drawn) == 3


def test_claims_are_drawn_whatever_is_there() -> None:
    edges = Edges()
    edges.claim(edge(1, 0))
    edges.claim(edge(0, 1, support="contradicted"))
    assert len(edges.drawn) == 2


def test_who_lies_between_a_model_and_its_declared_base_is_told() -> None:
    edges = Edges()
    for child in (1, 2):
        edges.claim(replace(edge(child, 0), kind="declared"))
    edges.add([edge(2, 1), replace(edge(2, 3), share=0.5)])
    assert [one.via for one in edges.drawn] == [(), (1,), (), ()]
