"""Distances between models that a tree can be built from, as one population sees them.

The distance of two models depends on them and on the population only, never on who else is in
the tree: a matrix can grow by entry, and be cached.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from app.dna.population import Population
from app.dna.scores import Strands
from app.errors import InputError
from app.phylo.angles import ANGLES, F64, Columns, Measure, Members
from app.phylo.log_ranks import LogRank

Kind = Literal["angular", "log_rank"]
Chosen = slice | Sequence[int] | NDArray[np.int64]

# Numbers that are held at a time: what probes say of pairs, and matrices of replicates.
MOST_TERMS = 1 << 24
MOST_REPLICATED = 1 << 26
# Rows of a strip at least: narrower ones cost more calls than they spare.
NARROWEST = 16


@dataclass(frozen=True, eq=False)
class Rows:
    """What n models are compared by: made once a model, kept by entry, selected and joined.

    `columns` are arrays with one row a model, as the population sees it, probes still apart.
    Models of equal `keys` (n,) have equal strands: there is no distance between them at all.
    """

    columns: Columns
    keys: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, chosen: int | np.integer | Chosen) -> "Rows":
        """These models, in this order; one index gives the rows of one model."""
        which: Chosen = [int(chosen)] if isinstance(chosen, int | np.integer) else chosen
        return Rows(tuple(column[which] for column in self.columns), self.keys[which])


def join(parts: Sequence[Rows]) -> Rows:
    """The models of one part after those of the other; all as one population sees them."""
    columns = zip(*(part.columns for part in parts), strict=True)
    return Rows(tuple(map(np.concatenate, columns)), np.concatenate([one.keys for one in parts]))


class Distances:
    """Distances between models of one protocol as a population sees them, from 0 to 1.

    `kind` names the distance. "log_rank", of answers where there is a cohort: see
    `app.phylo.log_ranks`. "angular", of anything: the angle of the score with the population's
    centre, see `app.phylo.angles`.
    """

    def __init__(self, population: Population, kind: Kind | None = None) -> None:
        """Take a population, and which distance if not the best of its kind of response.

        Raises InputError `bad_distance`.
        """
        self.protocol = population.protocol
        self._shape = self.protocol.shape
        self.kind = fitting_kind(population, kind)
        self._measure = _measure(population, self.kind)

    @property
    def n_probes(self) -> int:
        """Probes of the protocol, which a bootstrap draws from."""
        return self._shape[0]

    def rows(self, strands: Strands, members: Members | None = None) -> Rows:
        """Prepare n models, strands (n, p, w); `members` (n,) are places in the cohort, or -1.

        Raises InputError `bad_strands`.
        """
        if strands.ndim != 3 or strands.shape[1:] != self._shape:
            raise InputError("bad_strands", f"Give strands of shape {self._shape}, one a model.")
        if not np.isfinite(strands).all():
            raise InputError("bad_strands", "Give strands of finite numbers.")
        if members is None:
            members = np.full(len(strands), -1)
        columns = self._measure.columns(strands, members)
        return Rows(columns, _keys(strands))

    def between(self, a: Rows, b: Rows) -> F64:
        """Distances of n models with m others, (n, m) float64: not negative, d(a, b) = d(b, a).

        Equal strands have the distance 0. Of the same Rows twice the result is symmetric to the
        last bit. Time O(n m p w). Holds MOST_TERMS numbers beside the result.
        """
        weights = np.ones((1, self._shape[0]))
        if a is b:
            return _mirrored(self._lot(a, weights, np.float64)[0])
        found = np.empty((len(a), len(b)))
        step = self._step(len(b), 1)
        for top in range(0, len(a), step):
            found[top : top + step] = self._block(a[top : top + step], b, weights)[0]
        return found

    def replicates(self, rows: Rows, weights: F64) -> Iterator[F64]:
        """Distances of n models among themselves, (n, n), for each row of weights (r, n_probes).

        A weight says how often its probe was drawn; not all are zero. What the population is
        asked for (its centre, its ranks) stays as it is. As many matrices as MOST_REPLICATED
        allows are made at once, each lot in time O(n^2 p (w + r)).

        Raises InputError `bad_weights`.
        """
        weights = _checked(weights, self._shape[0])
        at_once = max(1, MOST_REPLICATED // max(1, len(rows) ** 2))
        for first in range(0, len(weights), at_once):
            some = weights[first : first + at_once]
            yield from map(_mirrored, self._lot(rows, some, np.float32))

    def _lot(
        self, rows: Rows, weights: F64, dtype: type[np.float32 | np.float64]
    ) -> NDArray[np.floating]:
        """The upper halves of matrices, (r, n, n)."""
        n = len(rows)
        found = np.zeros((len(weights), n, n), dtype=dtype)
        # Strips: of a square half would be made in vain.
        step = min(self._step(n, len(weights)), max(NARROWEST, n // 4))
        for top in range(0, n, step):
            block = self._block(rows[top : top + step], rows[top:], weights)
            found[:, top : top + step, top:] = block
        return found

    def _step(self, n: int, replicates: int) -> int:
        """How many rows of n columns are made at a time."""
        return max(1, MOST_TERMS // (max(self._shape[0], replicates) * max(1, n)))

    def _block(self, a: Rows, b: Rows, weights: F64) -> F64:
        """Distances (r, n, m)."""
        terms = self._measure.terms(a.columns, b.columns)
        sums = weights.astype(terms.dtype) @ terms.reshape(len(terms), -1)
        shape = (len(weights), len(a), len(b))
        distances = self._measure.finish(
            sums.astype(np.float64).reshape(shape), weights, a.columns, b.columns
        )
        distances[:, a.keys[:, None] == b.keys] = 0.0
        return distances


def fitting_kind(population: Population, asked: Kind | None = None) -> Kind:
    """The kind of distance that is asked for, or the best one: log-ranks where there can be any.

    Raises InputError `bad_distance` for one that is unknown, or that these models do not have.
    """
    ranked = population.protocol.response == "answer" and population.n_cohort > 0
    if asked is None:
        return "log_rank" if ranked else "angular"
    if asked not in get_args(Kind):
        raise InputError("bad_distance", f"Ask for a distance of {' or '.join(get_args(Kind))}.")
    if asked == "log_rank" and not ranked:
        raise InputError(
            "bad_distance",
            "Only answers have log-rank distances, and only where there is a reference: ask for "
            "angular ones.",
        )
    return asked


def _measure(population: Population, kind: Kind) -> Measure:
    if kind == "log_rank":
        return LogRank(population)
    return ANGLES[population.protocol.response](population.centre)


def _mirrored(distances: NDArray[np.floating]) -> F64:
    """Both halves from the upper one: products of matrices are not symmetric to the last bit."""
    upper = np.triu(distances, 1).astype(np.float64)
    return upper + upper.T


def _keys(strands: Strands) -> NDArray[np.uint64]:
    digests = [hashlib.blake2b(one.tobytes(), digest_size=8).digest() for one in strands]
    return np.frombuffer(b"".join(digests), dtype=np.uint64)


def _checked(weights: F64, n_probes: int) -> F64:
    weights = np.asarray(weights, dtype=np.float64)
    if weights.ndim != 2 or weights.shape[1] != n_probes:
        raise InputError("bad_weights", f"Give a weight for each of {n_probes} probes.")
    if not np.isfinite(weights).all() or (weights < 0).any() or not (weights.sum(axis=1) > 0).all():
        raise InputError("bad_weights", "Give weights that are not negative, and not all zero.")
    return weights
