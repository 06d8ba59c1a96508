"""Derivation graphs as they go over the wire: schemas, and what fills them."""

from pydantic import BaseModel, Field

from app.api.schemas import ModelName, ProtocolName, ReferenceVersion
from app.api.views import model_name, protocol_name
from app.lineage.claims import Support
from app.lineage.direction import Confidence, Kind
from app.lineage.edges import Conflict, EdgeKind
from app.lineage.edges import Edge as Drawn
from app.lineage.places import Standing
from app.services.derivation.finding import Graph


class Node(BaseModel):
    """A model of the graph; `copies` have the same content.

    `derived`: an edge that behaviour supports leads to a parent. `founder`: no model of the graph
    is a parent. `unplaced`: nobody knows, and `why` says what is missing. `fingerprinted` is false
    for those that are only there because they are declared.
    """

    model: ModelName
    copies: list[ModelName]
    released: str | None = Field(description="The date that is used, YYYY-MM or YYYY-MM-DD.")
    fingerprinted: bool
    family: int = Field(description="An index in `families`.")
    standing: Standing
    why: str


class Family(BaseModel):
    """Models that edges join, named after the founder or whoever came first."""

    name: str
    n_models: int


class Reason(BaseModel):
    """Why the parent came before the child, and who says so."""

    kind: Kind
    detail: str
    source: str


class GraphEdge(BaseModel):
    """That `child` was derived from `parent`: as is `declared`, or `inferred` from the reasons.

    Not `directed`: the two are related, and who descends from whom is not known. `conflicts` speak
    against a claim beside behaviour: `dates` (the base was released later), `circle` (it declares
    to descend from its child). `doubt` is a sentence on what is not known or speaks against it.
    `via` are models that may lie between the two. `share` is the parent's part in a merge.
    `score` and `p_value` are the pair's, null where it was not compared or there is no reference.
    """

    child: ModelName
    parent: ModelName
    kind: EdgeKind
    support: Support
    directed: bool
    confidence: Confidence
    conflicts: list[Conflict]
    doubt: str
    via: list[ModelName]
    reasons: list[Reason]
    share: float | None
    score: float | None
    p_value: float | None


class DerivationGraph(BaseModel):
    """Who was derived from whom among some models; several edges of one child are a merge's."""

    protocol: ProtocolName
    reference: ReferenceVersion
    n_models: int
    models: list[Node]
    edges: list[GraphEdge]
    families: list[Family]


def graph_shown(graph: Graph) -> DerivationGraph:
    """A derivation graph, models in their order."""
    return DerivationGraph(
        protocol=protocol_name(graph.protocol),
        reference=ReferenceVersion(version=graph.reference_version),
        n_models=len(graph.contents),
        models=[_node(graph, member) for member in range(len(graph.contents))],
        edges=[_edge(graph, edge) for edge in graph.derivation.edges],
        families=[
            Family(name=one.name, n_models=len(one.members)) for one in graph.picture.families
        ],
    )


def _node(graph: Graph, member: int) -> Node:
    content, drawn = graph.contents[member], graph.picture.nodes[member]
    place = graph.derivation.places[member]
    return Node(
        model=model_name(content.model),
        copies=[model_name(copy) for copy in content.copies],
        released=drawn.released or None,
        fingerprinted=content.entry is not None,
        family=drawn.family,
        standing=place.standing,
        why=place.why,
    )


def _edge(graph: Graph, edge: Drawn) -> GraphEdge:
    is_compared = max(edge.child, edge.parent) < len(graph.compared.score)
    score, p_value = None, None
    if is_compared:
        score = float(graph.compared.score[edge.child, edge.parent])
        p_value = float(graph.compared.p_value[edge.child, edge.parent])
    return GraphEdge(
        child=model_name(graph.contents[edge.child].model),
        parent=model_name(graph.contents[edge.parent].model),
        kind=edge.kind,
        support=edge.support,
        directed=edge.directed,
        confidence=edge.confidence,
        conflicts=list(edge.conflicts),
        doubt=edge.doubt,
        via=[model_name(graph.contents[one].model) for one in edge.via],
        reasons=[
            Reason(kind=reason.kind, detail=reason.detail, source=reason.source)
            for reason in edge.reasons
        ],
        share=edge.share,
        score=score,
        p_value=None if graph.reference_version == 0 else p_value,
    )
