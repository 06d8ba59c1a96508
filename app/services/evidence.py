"""Use case: why two models are taken for relatives or not: what their score is made of."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.dna.evidence import NullCurve, ends, null_curve, probe_scores, ranked
from app.dna.population import Population, Seen
from app.dna.protocol import Protocol
from app.dna.reference import Reference
from app.dna.strand import Response
from app.errors import ConflictError, InputError
from app.records import EntryRecord, ModelRecord
from app.services.comparison import Comparison, SharedScore, compare
from app.services.evidence_probes import ShownProbe, show_answers, show_passages
from app.services.populations import current, members
from app.store import entries
from app.store.database import Session

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
Pair = tuple[EntryRecord, EntryRecord]

MOST_PROBES = 50
# So many answers tell how rare a phrase is; each takes its time to be read.
MOST_OTHERS = 100


@dataclass(frozen=True)
class Place:
    """Where a pair stands: the null, and how many of the cohort stand where with either model."""

    curve: NullCurve
    with_cohort: tuple[I64, I64]


@dataclass(frozen=True)
class Evidence:
    """What speaks for and against a pair under one protocol.

    `shared` is what `compare` says of it; `scores` (n_probes,) are what each probe adds:
    their mean is its score. `order` lists all probes, those most for the pair first. `place` is
    None where there is no reference.
    """

    entries: Pair
    shared: SharedScore
    scores: F64
    order: list[int]
    most_for: list[ShownProbe]
    most_against: list[ShownProbe]
    place: Place | None


def explain(
    session: Session, a: ModelRecord, b: ModelRecord, protocol: Protocol | None, n: int
) -> Evidence:
    """Take the score of two models apart, showing up to `n` probes for and `n` against.

    Without a protocol it is the one that decides the verdict. Raises InputError `same_model`;
    NotFoundError `not_fingerprinted`, `no_shared_protocol`, or `responses_pruned` of answers that
    are no longer kept; ConflictError `no_probes_to_show` of vectors that were handed in.
    """
    if a.id == b.id:
        raise InputError("same_model", f"Both are {a.name}: name two models.")
    if protocol is not None:
        for model in (a, b):
            entries.get(session, model, protocol)  # Says which of the two lacks an entry.
    shared = _chosen(compare(session, a, b), protocol)
    if shared.protocol.response == "vector":
        raise ConflictError(
            "no_probes_to_show",
            f"{shared.protocol.name} holds vectors that were handed in without probes and "
            "responses: there is a score (`compare`), but nothing to show for it.",
        )
    pair = (
        entries.get(session, a, shared.protocol),
        entries.get(session, b, shared.protocol),
    )
    return _explained(session, shared, pair, n)


def _chosen(comparison: Comparison, protocol: Protocol | None) -> SharedScore:
    if protocol is None:
        return comparison.decided_by
    return next(one for one in comparison.shared if one.protocol.digest == protocol.digest)


def _explained(session: Session, shared: SharedScore, pair: Pair, n: int) -> Evidence:
    protocol = shared.protocol
    reference, population = current(session, protocol)
    strands, places = entries.strands(session, protocol, pair), members(reference, pair)
    a, b = (population.seen(strands[[i]], places[[i]]) for i in range(2))
    centre = population.centre_of(a, b)
    scores = probe_scores(protocol, strands[0], strands[1], centre)
    order = ranked(scores)
    if protocol.response == "likelihood":
        shown = [show_passages(protocol, scores, some, strands, centre) for some in ends(order, n)]
    else:
        responses = entries.responses(session, pair[0]), entries.responses(session, pair[1])
        others = _others(session, pair, reference)
        shown = [show_answers(protocol, scores, some, responses, others) for some in ends(order, n)]
    return Evidence(
        entries=pair,
        shared=shared,
        scores=scores,
        order=order,
        most_for=shown[0],
        most_against=shown[1],
        place=_place(population, shared.judged.standing, (a, b), places),
    )


def _others(session: Session, pair: Pair, reference: Reference) -> list[list[Response]] | None:
    """The responses of up to MOST_OTHERS models of the cohort, evenly spread, but of the pair."""
    if not reference.cohort:
        return None
    own = {entry.seq for entry in pair}
    seqs = [seq for seq in reference.cohort if seq not in own]
    chosen = np.linspace(0, len(seqs) - 1, min(len(seqs), MOST_OTHERS)).round().astype(int)
    found = entries.by_seq(session, reference.protocol_digest, [seqs[i] for i in chosen])
    kept = (entries.kept_responses(session, entry) for entry in found)
    return [responses for responses in kept if responses is not None]


def _place(
    population: Population, standing: float | None, pair: tuple[Seen, Seen], places: I64
) -> Place | None:
    """Where the null lies, and either model's standings with the cohort but for the two."""
    if population.null is None or standing is None:
        return None
    curve = null_curve(population, population.null, standing)
    rest = np.setdiff1d(np.arange(population.n_cohort), places)
    everyone = population.seen(population.cohort[rest], rest)
    a, b = (curve.counts(population.compare(one, everyone).standing[0]) for one in pair)
    return Place(curve, (a, b))
