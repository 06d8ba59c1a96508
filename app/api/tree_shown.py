"""A tree as it goes over the wire: JSON with all that it says of itself, a file, or a picture."""

from dataclasses import asdict
from typing import Literal

from fastapi import Response
from pydantic import BaseModel, Field

from app.api.schemas import ModelName, Moment, ProtocolName, ReferenceVersion, rfc3339
from app.api.tree_asked import Form, Picture
from app.api.views import model_name, protocol_name
from app.phylo.formats import nested, newick
from app.phylo.formats.table import named
from app.phylo.pictures import drawing
from app.phylo.pictures.style import Style, Theme
from app.phylo.rooted import Rooting
from app.services.trees.growth import Method
from app.services.trees.model_tree import ModelTree

# Whatever a name may hold, a browser that opens the picture by itself runs nothing of it.
ONLY_STYLES = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
# A PNG with so many pixels for each of the picture's.
SHARPNESS = 2.0
SUPPORT_MEANS = "share of replicates times kinship"


class Tip(BaseModel):
    """The model of a tip; `copies` have the same content."""

    model: ModelName
    copies: list[ModelName]
    family: str | None = Field(description="The last base on its line of declared bases.")
    released: str | None
    placed: bool = Field(description="Whether it was placed into a standing tree.")


class Node(BaseModel):
    """A node: tips have a name, inner nodes have children."""

    name: str | None
    length: float = Field(description="Of the branch to the parent; 0 at the root.")
    support: float | None = Field(description="Of the branch to the parent.")
    date: float | None = Field(None, description="In decimal years, where the tree is dated.")
    branches: dict[str, float | None] = Field({}, description="Further kinds of support.")
    family: str | None = None
    children: list["Node"]


class Root(BaseModel):
    """Where the root is, and how well it fits: docs/trees.md says what the measures are."""

    method: Rooting
    fit: dict[str, float]


class SupportShown(BaseModel):
    """What stands behind the support of branches; replicates 0: there is none."""

    replicates: int
    kinds: list[str] = Field(description="Further kinds of support, in `branches` of nodes.")


class Dating(BaseModel):
    """How the nodes were dated: `verdict` is `inconclusive` where the dates say too little."""

    verdict: Literal["dated", "inconclusive"]
    detail: str
    fit: dict[str, float]


class Standing(BaseModel):
    """Of a tree that a job grew: entries that came later were placed into it."""

    version: int
    grown_at: Moment
    n_placed: int
    stale: bool = Field(description="It should be grown anew: POST /v1/trees.")


class _TreeHead(BaseModel):
    protocol: ProtocolName
    reference: ReferenceVersion
    distance: str
    method: Method
    rooting: Root
    support: SupportShown
    dating: Dating | None = Field(description="Null where no dates were asked for.")
    standing: Standing | None
    n_tips: int
    newick: str
    tips: list[Tip]


class Tree(_TreeHead):
    """A rooted tree of models; `tips` are in the order of the matrix that it was built from."""

    tree: Node


def tree_shown(built: ModelTree, form: Form, picture: Picture) -> Response:
    """The tree in the form that was asked for.

    Raises InputError `bad_style` or `picture_too_large`.
    """
    if form == "json":
        return Response(_json(built), media_type="application/json")
    if form == "svg":
        drawn = drawing.draw_svg(built.annotated, _style(built, picture, "auto"))
        return Response(drawn, media_type="image/svg+xml", headers=ONLY_STYLES)
    if form == "png":
        style = _style(built, picture, "light")
        return Response(drawing.draw_png(built.annotated, style, SHARPNESS), media_type="image/png")
    chosen = named(form)
    return Response(chosen.write(built.annotated), media_type=chosen.media_type)


def _json(built: ModelTree) -> str:
    """Joined as text: a tree can be deeper than JSON writers recurse."""
    head = _TreeHead(
        protocol=protocol_name(built.protocol),
        reference=ReferenceVersion(version=built.grown.reference_version),
        distance=built.grown.kind,
        method=built.growth.method,
        rooting=Root(method=built.growth.rooting, fit=dict(built.grown.fit)),
        support=SupportShown(
            replicates=built.grown.replicates, kinds=sorted(built.annotated.branches)
        ),
        dating=None if built.dating is None else Dating(**asdict(built.dating)),
        standing=_standing(built),
        n_tips=built.tree.n_tips,
        newick=newick.write(built.tree),
        tips=[_tip(built, tip) for tip in built.tree.tips],
    )
    return f'{head.model_dump_json()[:-1]},"tree":{nested.write(built.annotated)}}}'


def _tip(built: ModelTree, tip: int) -> Tip:
    first, *copies = built.tips[tip]
    return Tip(
        model=model_name(first),
        copies=[model_name(copy) for copy in copies],
        family=built.facts.families[tip] or None,
        released=built.facts.released[tip] or None,
        placed=tip in built.placed,
    )


def _standing(built: ModelTree) -> Standing | None:
    if built.standing is None:
        return None
    return Standing(
        version=built.standing.version,
        grown_at=rfc3339(built.standing.grown_at),
        n_placed=len(built.placed),
        stale=built.standing.stale,
    )


def _style(built: ModelTree, picture: Picture, theme: Theme) -> Style:
    return Style(
        layout=picture.layout,
        theme=picture.theme or theme,
        width=picture.width,
        title=f"{built.tree.n_tips:,} models under {built.protocol.name}",
        caption=_caption(built),
        unit=f"{built.grown.kind.replace('_', ' ')} distance",
        support_meaning=SUPPORT_MEANS,
        highlighted=built.highlighted,
        placed=built.placed,
    )


def _caption(built: ModelTree) -> str:
    """How the tree was made, in a line: a picture goes round without its page."""
    words = [
        f"reference {built.grown.reference_version}" if built.grown.reference_version else "",
        built.growth.method.replace("_", " "),
        f"{built.growth.rooting.replace('_', ' ')} root",
        f"{built.grown.replicates} replicates" if built.grown.replicates else "no support",
        f"tree {built.standing.version}" if built.standing else "",
    ]
    return ", ".join(word for word in words if word)
