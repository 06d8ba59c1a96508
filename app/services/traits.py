"""Use case: whether a tree follows what is known of its models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from app.dna.relations import false_discovery
from app.errors import InputError
from app.phylo.traits import DiscreteTest, OrderedTest, discrete_test, ordered_test
from app.records import ModelRecord, is_date
from app.services.rates import Signal, dates_of, decimal, signal
from app.services.tip_names import beside_tips
from app.services.trees.model_tree import ModelTree

F64 = npt.NDArray[np.float64]
SEED = 0
# What the registry itself knows. family: as declared; architecture: causal or seq2seq, and
# model_type: of the configuration, where we had the files; organisation: before the slash.
Known = Literal["family", "organisation", "architecture", "model_type", "release"]


@dataclass(frozen=True)
class ToldTraits:
    """What a caller says of models: values by model name, by trait; and release dates."""

    traits: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    released: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TraitTest:
    """A trait and its test; where it is inconclusive `found` is None, and `why` says for what.

    `q_value` is the p-value after all traits that were tested (Benjamini and Hochberg).
    """

    trait: str
    found: DiscreteTest | OrderedTest | None
    q_value: float | None
    why: str


@dataclass(frozen=True, eq=False)
class Traits:
    """The tests of some traits on one tree; `unmatched` are names that meant no tip."""

    built: ModelTree
    signal: Signal
    tests: tuple[TraitTest, ...]
    unmatched: tuple[str, ...]


def traits(built: ModelTree, wanted: Sequence[Known], told: ToldTraits) -> Traits:
    """Test traits that the registry knows, and those that are told, on a tree.

    A told trait is one of order where all its values are dates or all are numbers, else one of
    kinds.
    """
    released, unmatched = dates_of(built, told.released)
    tests = [_tested(built, one, _known(built, one, released)) for one in wanted]
    for name, said in told.traits.items():
        values, nowhere = beside_tips(built.tips, said)
        unmatched += nowhere
        tests.append(_tested(built, name, values))
    return Traits(
        built=built,
        signal=signal(built.tree, decimal(released)),
        tests=_adjusted(tests),
        unmatched=tuple(dict.fromkeys(unmatched)),
    )


def _known(built: ModelTree, trait: Known, released: Sequence[str]) -> tuple[str, ...]:
    if trait == "release":
        return tuple(released)
    if trait == "family":
        return built.facts.families
    if trait == "organisation":
        return tuple(_organisation(tip[0]) for tip in built.tips)
    key = "kind" if trait == "architecture" else trait
    return tuple(str(tip[0].details.get(key, "")) for tip in built.tips)


def _organisation(model: ModelRecord) -> str:
    """What stands before the slash of a hub's or an import's name."""
    if model.ref.source not in ("hf", "import"):
        return ""
    return model.ref.name.partition("/")[0].lower() if "/" in model.ref.name else ""


def _tested(built: ModelTree, trait: str, values: Sequence[str]) -> TraitTest:
    numbers = _numbers(values)
    try:
        if numbers is None:
            return TraitTest(trait, discrete_test(built.tree, values, SEED), None, "")
        return TraitTest(trait, ordered_test(built.tree, numbers, SEED), None, "")
    except InputError as error:
        if error.code != "bad_trait":
            raise
        return TraitTest(trait, None, None, error.detail)


def _numbers(values: Sequence[str]) -> F64 | None:
    """The values as numbers, NaN where not known; None where some are words."""
    if not any(values):
        return None
    if all(is_date(value) for value in values if value):
        return decimal(values)
    try:
        numbers = np.array([float(value) if value else np.nan for value in values])
    except ValueError:
        return None
    return None if np.isinf(numbers).any() else numbers


def _adjusted(tests: Sequence[TraitTest]) -> tuple[TraitTest, ...]:
    p_values = np.array([one.found.p_value for one in tests if one.found])
    q_values = iter(false_discovery(p_values, len(p_values)).tolist())
    return tuple(replace(one, q_value=next(q_values)) if one.found else one for one in tests)
