"""Derivation graphs: who was derived from whom, as JSON, Graphviz or Mermaid."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from starlette.responses import PlainTextResponse

from app.api.dependencies import ProtocolName, Reading, Running
from app.api.graph_shown import DerivationGraph, graph_shown
from app.api.problems import documented
from app.api.texts import PlainText
from app.errors import InputError
from app.lineage.graphviz import to_dot
from app.lineage.mermaid import to_mermaid
from app.services.derivation.choosing import Chosen, all_models, family_around, named_models
from app.services.derivation.finding import find_derivation
from app.services.known_protocols import find as find_protocol
from app.store import models

router = APIRouter(tags=["graphs"])

# What fits into an address of 64 KiB, which is all that the server reads.
MOST_NAMES = 200
NEAREST = 50
DOT = "text/vnd.graphviz"

Names = Annotated[
    list[PlainText] | None,
    Query(
        max_length=MOST_NAMES,
        description="Models by id, ref or any unambiguous name; all models when left out.",
    ),
]
Around = Annotated[
    PlainText | None,
    Query(description="The family around this model: its nearest relatives, and whoever "
          "declarations lead to. Not with `model`."),
]  # fmt: skip
Count = Annotated[
    int, Query(ge=1, le=200, description="So many of the nearest relatives, with `around`.")
]
Form = Annotated[Literal["json", "dot", "mermaid"], Query(alias="format")]


def _chosen(
    session: Reading,
    runtime: Running,
    protocol: ProtocolName = None,
    model: Names = None,
    around: Around = None,
    k: Count = NEAREST,
) -> Chosen:
    """The models that the query asks for."""
    chosen = find_protocol(session, protocol) if protocol else None
    named = [models.find(session, name) for name in model or ()]
    if around is None:
        return named_models(session, named, chosen) if named else all_models(session, chosen)
    one = models.find(session, around)
    if named:
        raise InputError("bad_graph", "Give `around` or `model`, not both.")
    return family_around(session, runtime.candidates, one, chosen, k)


@router.get(
    "/v1/graph",
    response_model=DerivationGraph,
    responses={
        200: {
            "content": {
                "text/plain": {"schema": {"type": "string"}},
                DOT: {"schema": {"type": "string"}},
            }
        },
        **documented(404, 409),
    },
)
def read_graph(
    session: Reading,
    chosen: Annotated[Chosen, Depends(_chosen, scope="function")],
    form: Form = "json",
) -> Response:
    """Who was derived from whom among models: declared bases, and what behaviour and dates add.

    Without a protocol it is the best witness that the models share; of all models
    `likelihood-v1` if that has a graph, else the protocol with most entries.
    """
    graph = find_derivation(session, chosen)
    if form == "dot":
        return Response(to_dot(graph.picture), media_type=DOT)
    if form == "mermaid":
        return PlainTextResponse(to_mermaid(graph.picture))
    return Response(graph_shown(graph).model_dump_json(), media_type="application/json")
