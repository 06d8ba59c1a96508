"""Trees: of some models or of all, as JSON or Newick."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field
from starlette.responses import PlainTextResponse

from app.api.dependencies import ProtocolName, Reading
from app.api.problems import documented
from app.api.schemas import ModelName, ReferenceVersion
from app.api.schemas import ProtocolName as ProtocolNamed
from app.api.texts import PlainText
from app.api.views import model_name, protocol_name
from app.phylo import annotated
from app.phylo.formats import nested
from app.phylo.formats.newick import write
from app.services.default_protocol import for_tree
from app.services.known_protocols import find as find_protocol
from app.services.trees import ModelTree, build_tree
from app.store import models

router = APIRouter(tags=["trees"])

# What fits into an address of 64 KiB, which is all that the server reads.
MOST_NAMES = 200

Names = Annotated[
    list[PlainText] | None,
    Query(
        min_length=2,
        max_length=MOST_NAMES,
        description="Models by id, ref or any unambiguous name; all models when left out.",
    ),
]


class Tip(BaseModel):
    """The model of a tip; `copies` have the same content."""

    model: ModelName
    copies: list[ModelName]


class Node(BaseModel):
    """A node: tips have a name, inner nodes have children."""

    name: str | None
    length: float = Field(description="Of the branch to the parent; 0 at the root.")
    support: float | None
    children: list["Node"]


class _TreeHead(BaseModel):
    protocol: ProtocolNamed
    reference: ReferenceVersion
    method: Literal["neighbour_joining"]
    rooting: str
    n_tips: int
    newick: str
    tips: list[Tip]


class Tree(_TreeHead):
    """A rooted tree of models; `tips` are in the order of the matrix that it was built from."""

    tree: Node


@router.get(
    "/v1/tree",
    response_model=Tree,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
        **documented(404, 409),
    },
)
def read_tree(
    session: Reading,
    protocol: ProtocolName = None,
    model: Names = None,
    form: Annotated[Literal["json", "newick"], Query(alias="format")] = "json",
) -> Response:
    """The neighbour-joining tree of models under one protocol, rooted at its midpoint.

    Without a protocol it is `likelihood-v1` if that has a tree, else the one with most entries.
    """
    chosen = find_protocol(session, protocol) if protocol else for_tree(session)
    built = build_tree(session, chosen, [models.find(session, name) for name in model or ()])
    if form == "newick":
        return PlainTextResponse(write(built.tree) + "\n")
    return Response(_json(built), media_type="application/json")


def _json(built: ModelTree) -> str:
    """Joined as text: a tree can be deeper than JSON writers recurse."""
    head = _TreeHead(
        protocol=protocol_name(built.protocol),
        reference=ReferenceVersion(version=built.reference_version),
        method="neighbour_joining",
        rooting=built.tree.rooting,
        n_tips=built.tree.n_tips,
        newick=write(built.tree),
        tips=[
            Tip(model=model_name(first), copies=[model_name(copy) for copy in copies])
            for first, *copies in built.tips
        ],
    )
    return f'{head.model_dump_json()[:-1]},"tree":{nested.write(annotated.Annotated(built.tree))}}}'
