"""What rates and traits have in common: the tree that they are read from, its signal of time."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.api.dependencies import ProtocolName, Reading, Running
from app.api.schemas import ProtocolName as ProtocolNamed
from app.api.schemas import ReferenceVersion
from app.api.texts import PlainText
from app.api.tree_asked import MOST_NAMES, Names
from app.api.views import protocol_name
from app.phylo.distances import Kind
from app.phylo.rooted import Rooting
from app.services.default_protocol import for_tree
from app.services.known_protocols import find as find_protocol
from app.services.rates import Signal
from app.services.trees.growth import Growth
from app.services.trees.model_tree import ModelTree
from app.store import models
from app.store.database import Session

# A key of an object that says something of models or of traits: it is compared, and never kept.
Key = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class QuestionBody(BaseModel):
    """Which tree is asked about: that of the named models, or of all."""

    model_config = ConfigDict(extra="forbid")

    protocol: PlainText | None = None
    models: list[PlainText] | None = Field(None, min_length=2, max_length=MOST_NAMES)
    rooting: Literal["midpoint", "minimum_variance", "date"] = "midpoint"
    outgroup: list[PlainText] | None = Field(
        None,
        max_length=MOST_NAMES,
        description="Models beside all others: where some are named they decide the root.",
    )


@dataclass(frozen=True)
class Question:
    """A tree by the words of the caller."""

    protocol: str | None
    models: tuple[str, ...]
    growth: Growth


class TreeNamed(BaseModel):
    """The tree behind an answer; `fit` says how well its root fits, `distance` in what unit."""

    protocol: ProtocolNamed
    reference: ReferenceVersion
    distance: str
    rooting: Rooting
    fit: dict[str, float]
    n_tips: int


class SignalShown(BaseModel):
    """Root-to-tip regression on release dates; null where there is none, for the reason `why`.

    `p_value`: how often shuffled dates fit as well; `root_date`: a decimal year.
    """

    n_dated: int | None
    rate: float | None
    r2: float | None
    root_date: float | None
    p_value: float | None
    why: str


def tree_asked(session: Session, body: QuestionBody) -> Question:
    """The question in a body."""
    growth = _growth(session, "outgroup" if body.outgroup else body.rooting, body.outgroup)
    return Question(body.protocol, tuple(body.models or ()), growth)


def tree_of(
    session: Session, runtime: Running, asked: Question, distance: Kind | None = None
) -> ModelTree:
    """The tree that is asked about, without support, by its protocol's best distance or another."""
    protocol = find_protocol(session, asked.protocol) if asked.protocol else for_tree(session)
    chosen = [models.find(session, name) for name in asked.models]
    growth = replace(asked.growth, distance=distance)
    return runtime.trees.of(session, protocol, chosen, growth)


def tree_named(built: ModelTree) -> TreeNamed:
    """What is said of the tree behind an answer."""
    return TreeNamed(
        protocol=protocol_name(built.protocol),
        reference=ReferenceVersion(version=built.grown.reference_version),
        distance=built.grown.kind,
        rooting=built.growth.rooting,
        fit=dict(built.grown.fit),
        n_tips=built.tree.n_tips,
    )


def signal_shown(signal: Signal) -> SignalShown:
    """A regression as it is shown."""
    found = signal.found
    return SignalShown(
        n_dated=found.n_dated if found else None,
        rate=found.rate if found else None,
        r2=found.r2 if found else None,
        root_date=found.root_date if found else None,
        p_value=found.p_value if found else None,
        why=signal.why,
    )


def _asked(
    session: Reading,
    protocol: ProtocolName = None,
    model: Names = None,
    rooting: Annotated[Rooting, Query(description="Where the root is put.")] = "midpoint",
    outgroup: Annotated[
        list[PlainText] | None,
        Query(max_length=MOST_NAMES, description="Models beside all others, for that rooting."),
    ] = None,
) -> Question:
    return Question(protocol, tuple(model or ()), _growth(session, rooting, outgroup))


def _growth(session: Session, rooting: Rooting, outgroup: list[str] | None) -> Growth:
    apart = tuple(models.find(session, name).id for name in outgroup or ())
    return Growth(rooting=rooting, outgroup=apart, replicates=0)


AskedOfTree = Annotated[Question, Depends(_asked)]
