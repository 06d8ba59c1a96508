"""Comparison of trees: the same models under two protocols."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.api.dependencies import Reading, Running
from app.api.problems import documented
from app.api.schemas import ModelName, ProtocolName, ReferenceVersion
from app.api.texts import PlainText
from app.api.views import model_name, protocol_name
from app.services.known_protocols import find as find_protocol
from app.services.tree_comparison import compare_trees
from app.services.trees.model_tree import ModelTree
from app.store import models

router = APIRouter(tags=["trees"])

# What fits into an address of 64 KiB, which is all that the server reads.
MOST_NAMES = 200

Names = Annotated[
    list[PlainText] | None,
    Query(
        min_length=4,
        max_length=MOST_NAMES,
        description="Models by id, ref or any unambiguous name; all that have both when left out.",
    ),
]
Named = Annotated[PlainText, Query(description="Name or digest of a protocol.")]


class Side(BaseModel):
    """One of two trees; `splits` that have two tips or more on either side."""

    protocol: ProtocolName
    reference: ReferenceVersion
    rooting: str
    n_splits: int


class RobinsonFoulds(BaseModel):
    """How many splits only one of the trees has, and as a share of all splits of both."""

    distance: int
    normalised: float


class Information(BaseModel):
    """Bits of the splits of either tree, and shared; similarity 1: the trees are the same."""

    a: float
    b: float
    shared: float
    similarity: float | None


class Tanglegram(BaseModel):
    """The trees face to face: `tips` from top to bottom, by their places in that list."""

    a: list[int]
    b: list[int]
    before: int = Field(description="Pairs of lines that cross when no node is turned.")
    crossings: int = Field(description="Pairs of lines that cross in these orders.")


class TreeComparison(BaseModel):
    """How alike two trees are; docs/trees.md says what the measures mean."""

    a: Side
    b: Side
    n_shared: int
    tips: list[ModelName]
    robinson_foulds: RobinsonFoulds
    clustering_information: Information
    phylogenetic_information: Information
    cophenetic_correlation: float | None = Field(
        description="Of the path lengths; null where all are equally long."
    )
    tanglegram: Tanglegram


@router.get("/v1/tree/comparison", responses=documented(404, 409))
def compare_two_trees(
    session: Reading, runtime: Running, protocol: Named, against: Named, model: Names = None
) -> TreeComparison:
    """How far the trees of the same models under two protocols agree."""
    both = find_protocol(session, protocol), find_protocol(session, against)
    chosen = [models.find(session, name) for name in model or ()]
    compared = compare_trees(session, runtime.trees, both, chosen)
    return TreeComparison(
        a=_side(compared.a, compared.found.splits_a),
        b=_side(compared.b, compared.found.splits_b),
        tips=[model_name(tip) for tip in compared.tips],
        **compared.found.as_json(),
    )


def _side(tree: ModelTree, n_splits: int) -> Side:
    return Side(
        protocol=protocol_name(tree.protocol),
        reference=ReferenceVersion(version=tree.grown.reference_version),
        rooting=tree.growth.rooting,
        n_splits=n_splits,
    )
