"""What may be asked of a tree: which models, how it is grown, in what form it is wanted."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Query

from app.api.dependencies import ProtocolName, Reading, Running
from app.api.texts import PlainText
from app.errors import InputError
from app.phylo.distances import Kind
from app.phylo.pictures.style import Layout, Theme
from app.phylo.rooted import Rooting
from app.services.default_protocol import for_model, for_tree
from app.services.known_protocols import find as find_protocol
from app.services.trees.growth import MOST_REPLICATES, REPLICATES, REPLICATES_AROUND, Growth, Method
from app.services.trees.model_tree import ModelTree
from app.store import models

# What fits into an address of 64 KiB, which is all that the server reads.
MOST_NAMES = 200
MOST_AROUND = 200

Form = Literal["json", "newick", "nexus", "phyloxml", "nexml", "auspice", "splits", "svg", "png"]
Names = Annotated[
    list[PlainText] | None,
    Query(
        min_length=2,
        max_length=MOST_NAMES,
        description="Models by id, ref or any unambiguous name; all models when left out.",
    ),
]
K = Annotated[int, Query(ge=1, le=MOST_AROUND, description="So many of the nearest models.")]


@dataclass(frozen=True)
class Picture:
    """How a tree is drawn."""

    layout: Layout = "rectangular"
    theme: Theme | None = None
    width: int | None = None


def _growth(  # noqa: PLR0913  one parameter a part of the query
    session: Reading,
    method: Annotated[
        Method, Query(description="`balanced`: polished to least balanced length.")
    ] = "neighbour_joining",
    rooting: Annotated[
        Rooting, Query(description="Where the root is put; `date`: by release dates.")
    ] = "midpoint",
    outgroup: Annotated[
        list[PlainText] | None,
        Query(max_length=MOST_NAMES, description="Models beside all others, for that rooting."),
    ] = None,
    replicates: Annotated[
        int | None,
        Query(
            ge=0,
            le=MOST_REPLICATES,
            description=f"For support, none with 0; {REPLICATES} if left out, "
            f"{REPLICATES_AROUND} around a model.",
        ),
    ] = None,
    collapse: Annotated[
        float, Query(ge=0, le=1, description="Collapse branches with less support.")
    ] = 0.0,
    dated: Annotated[
        bool, Query(description="Date all nodes by the release dates of tips.")
    ] = False,
    distance: Annotated[
        Kind | None,
        Query(description="`log_rank`: of answers, their default where there is a reference."),
    ] = None,
) -> Growth:
    apart = tuple(models.find(session, name).id for name in outgroup or ())
    return Growth(method, rooting, apart, replicates, collapse, dated, distance)


def _picture(
    layout: Annotated[Layout, Query(description="Of a picture.")] = "rectangular",
    theme: Annotated[
        Theme | None,
        Query(description="Of a picture: `auto` (SVG only, its default) follows the browser."),
    ] = None,
    width: Annotated[int | None, Query(ge=400, le=6000, description="Of a picture, in px.")] = None,
) -> Picture:
    return Picture(layout, theme, width)


GrowthAsked = Annotated[Growth, Depends(_growth)]
PictureAsked = Annotated[Picture, Depends(_picture)]


def _chosen(  # noqa: PLR0913  one parameter a part of the query
    session: Reading,
    runtime: Running,
    growth: GrowthAsked,
    protocol: ProtocolName = None,
    model: Names = None,
    around: Annotated[
        PlainText | None, Query(description="The tree of this model and its nearest.")
    ] = None,
    k: K = 50,
    family: Annotated[
        PlainText | None, Query(description="The tree of all that declare this base.")
    ] = None,
) -> ModelTree:
    if sum(choice is not None for choice in (model, around, family)) > 1:
        raise InputError("bad_choice", "Name models, or one to look around, or a family: not both.")
    chosen = find_protocol(session, protocol) if protocol else None
    if around is not None:
        middle = models.find(session, around)
        by = chosen or for_model(session, middle)
        return runtime.trees.around(session, by, middle, k, growth)
    by = chosen or for_tree(session)
    if family is not None:
        return runtime.trees.of_family(session, by, family, growth)
    named = [models.find(session, name) for name in model or ()]
    return runtime.trees.of(session, by, named, growth)


# The tree of whatever models the query chooses.
TreeAsked = Annotated[ModelTree, Depends(_chosen)]
