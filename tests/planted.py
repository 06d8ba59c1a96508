"""Planted families: strands of made-up models of which it is known who is related to whom.

Each is a sum of what all have in common, its style (chat models are alike, terse ones are), what
its family has, and what is its own; `kinship` is the family's share of the last two.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from app.dna.probes import ProbeSet
from app.dna.protocol import Protocol, likelihood_v1, reported_answers

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

# Smaller than real ones, and under names for which no null ships.
ANSWERS: Protocol = replace(
    reported_answers(ProbeSet("planted", tuple(f"Tell me of {n}." for n in range(40)))), width=32
)
LIKELIHOODS: Protocol = replace(likelihood_v1(), name="planted likelihoods")
N_STYLES = 3


def families(n_families: int, size: int, alone: int = 0) -> list[int]:
    """The family of each model: members lie far apart; those that are `alone` come last."""
    return list(range(n_families)) * size + list(range(n_families, n_families + alone))


def names(of: Sequence[int]) -> list[str]:
    """Families as they would be declared."""
    return [f"family {label}" for label in of]


def answers(
    rng: np.random.Generator,
    of: Sequence[int],
    kinship: float = 0.5,
    styles: npt.ArrayLike | None = None,
) -> npt.NDArray[np.float16]:
    """Strands of models of these families, (n, p, w).

    `styles` (n, k) is how much each model has of each of k styles; drawn unless given.
    """
    if styles is None:
        styles = rng.normal(size=(len(of), N_STYLES)) / 3
    much = np.asarray(styles)
    common = 2 * rng.normal(size=ANSWERS.shape)
    styled = np.einsum("nk,kpw->npw", much, rng.normal(size=(much.shape[1], *ANSWERS.shape)))
    return (common + styled + _related(rng, of, kinship, ANSWERS)).astype(np.float16)


def likelihoods(
    rng: np.random.Generator, of: Sequence[int], kinship: float = 0.5, words: F64 | None = None
) -> F32:
    """Log-probabilities of models of these families, (n, 100, 10).

    The logarithm of a surprisal is a power law of the words' own, which are drawn unless given,
    with each model's own slope and level, plus a quarter of what is not in common.
    """
    words = drawn_words(rng) if words is None else words
    slopes, levels = rng.uniform(0.8, 1.2, len(of)), rng.normal(size=len(of)) / 5
    expected = slopes[:, None, None] * words + levels[:, None, None]
    surprisals = np.exp(expected + _related(rng, of, kinship, LIKELIHOODS) / 4)
    strands: F32 = -surprisals.astype(np.float32)
    return strands


def drawn_words(rng: np.random.Generator) -> F64:
    """The logarithm of how surprising each word is to all, (100, 10)."""
    return 1.5 + rng.normal(size=LIKELIHOODS.shape) / 2


def _related(rng: np.random.Generator, of: Sequence[int], kinship: float, by: Protocol) -> F64:
    shared, own = (rng.normal(size=(n, *by.shape)) for n in (max(of) + 1, len(of)))
    related: F64 = np.sqrt(kinship) * shared[list(of)] + np.sqrt(1 - kinship) * own
    return related
