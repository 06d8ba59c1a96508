"""Traits: whether a tree follows what is known of its models."""

from typing import Annotated, Literal, get_args

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.api.dependencies import Reading, Running
from app.api.evolving import (
    AskedOfTree,
    Key,
    QuestionBody,
    SignalShown,
    TreeNamed,
    signal_shown,
    tree_asked,
    tree_named,
    tree_of,
)
from app.api.problems import documented
from app.api.schemas import Date
from app.api.texts import PlainText
from app.phylo.traits import DiscreteTest
from app.services.traits import Known, ToldTraits, Traits, TraitTest, traits

router = APIRouter(tags=["trees"])

SIGNIFICANT = 0.05
MOST_TRAITS = 20


class TraitsBody(QuestionBody):
    """What `GET /v1/traits` asks, and traits and dates that the caller knows, by model."""

    trait: list[Known] = Field(default=[], max_length=len(get_args(Known)))
    traits: dict[Key, dict[Key, PlainText]] = Field(
        default={},
        max_length=MOST_TRAITS,
        description="By trait: values by model. Dates or numbers only: a trait of order.",
    )
    released: dict[Key, Date] = Field(default={}, description="Release dates by model.")


class Trait(BaseModel):
    """Whether the tree follows a trait; `q_value`: after all traits of the answer.

    A trait of kinds: `statistic` is the fewest changes that the tree needs, `effect` the
    retention index (1: each kind arose once). One of order: both are Abouheif's C. `expected` is
    the mean statistic when the trait is shuffled among the `n` models that have it.
    """

    trait: str
    verdict: Literal["followed", "not shown", "inconclusive"]
    kind: Literal["kinds", "order"] | None = None
    n: int | None = None
    n_kinds: int | None = None
    statistic: float | None = None
    expected: float | None = None
    effect: float | None = None
    p_value: float | None = None
    q_value: float | None = None
    permutations: int | None = None
    why: str = ""


class TraitsOfTree(BaseModel):
    """The tests of traits on one tree; `unmatched` are names that mean no one tip of it."""

    tree: TreeNamed
    signal: SignalShown
    traits: list[Trait]
    unmatched: list[str]


@router.get("/v1/traits", responses=documented(404, 409))
def read_traits(
    session: Reading,
    runtime: Running,
    asked: AskedOfTree,
    trait: Annotated[
        list[Known] | None,
        Query(description="Which traits; all when left out. `architecture`: causal or seq2seq."),
    ] = None,
) -> TraitsOfTree:
    """Whether the tree follows family, organisation, architecture, model type and release."""
    built = tree_of(session, runtime, asked)
    return _shown(traits(built, trait or get_args(Known), ToldTraits()))


@router.post("/v1/traits", responses=documented(400, 404, 409, 413))
def ask_traits(session: Reading, runtime: Running, body: TraitsBody) -> TraitsOfTree:
    """Whether the tree follows traits that the caller knows, and those that are named."""
    built = tree_of(session, runtime, tree_asked(session, body))
    return _shown(traits(built, body.trait, ToldTraits(body.traits, body.released)))


def _shown(found: Traits) -> TraitsOfTree:
    return TraitsOfTree(
        tree=tree_named(found.built),
        signal=signal_shown(found.signal),
        traits=[_trait(one) for one in found.tests],
        unmatched=list(found.unmatched),
    )


def _trait(one: TraitTest) -> Trait:
    found = one.found
    if found is None:
        return Trait(trait=one.trait, verdict="inconclusive", why=one.why)
    is_kinds = isinstance(found, DiscreteTest)
    return Trait(
        trait=one.trait,
        verdict="followed" if (one.q_value or 0) <= SIGNIFICANT else "not shown",
        kind="kinds" if is_kinds else "order",
        n=found.n,
        n_kinds=found.states if isinstance(found, DiscreteTest) else None,
        statistic=found.changes if isinstance(found, DiscreteTest) else found.statistic,
        expected=found.expected,
        effect=found.retention if isinstance(found, DiscreteTest) else found.statistic,
        p_value=found.p_value,
        q_value=one.q_value,
        permutations=found.permutations,
    )
