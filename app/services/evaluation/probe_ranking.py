"""Use case: which probes of a protocol tell relatives from strangers, and how few are enough."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

from app.dna.protocol import Protocol
from app.errors import InputError
from app.evaluation.folds import MOST_FOLDS, choose_folds, split
from app.evaluation.kinship import Kinship, families_of, kinship
from app.evaluation.probe_pairs import Indexes, Mask, Sample
from app.evaluation.probe_ranking import rank
from app.evaluation.probe_report import RankedProbes, Relation
from app.services.evaluation.answers import described, of_files
from app.services.evaluation.entries import of_registry
from app.services.evaluation.models import Models, Progress, read_lineage
from app.store.database import Database

# More models would only cost time: so many have tens of thousands of pairs.
MOST_MODELS = 400
MOST_PROBES = 2000
# Fewer direct pairs say too little: all of one base are taken then.
FEWEST_DIRECT = 30
FOLDS = 4
FEWEST_MODELS = 2


@dataclass(frozen=True)
class How:
    """Which pairs count as related (None: direct ones where there are enough), and chance."""

    relation: Relation | None = None
    replicates: int = 500
    seed: int = 0


def rank_files(
    lineage: Path, answers: Path, probes: Path | None, how: How, progress: Progress
) -> RankedProbes:
    """Rank the probes of a file of answers; nothing enters the registry.

    Raises what `of_files`, `described` and `rank_models` raise.
    """
    known = read_lineage(lineage)
    return rank_models(
        described(of_files(answers, probes, progress), known, with_others=True), how, progress
    )


def rank_registry(
    lineage: Path, database: Database, protocol: str, how: How, progress: Progress
) -> RankedProbes:
    """Rank the probes of a protocol by the models of the registry that have an entry.

    Raises what `of_registry` and `rank_models` raise.
    """
    known = read_lineage(lineage)
    with database.read() as session:
        models = of_registry(session, protocol, known, with_others=True)
    return rank_models(models, how, progress)


def rank_models(models: Models, how: How, progress: Progress) -> RankedProbes:
    """Rank the probes of models of known lineage; InputError where there is nothing to rank by.

    `few_probes`, `too_many_probes`, `no_bases`, `no_relatives`, `one_family`, `few_families`.
    """
    started = perf_counter()
    _require_probes(models.protocol)
    some = models.keep(_some(models, how.seed))
    known = np.flatnonzero([row.has_base for row in some.rows])
    if len(known) < FEWEST_MODELS:
        raise InputError("no_bases", f"The lineage knows the base of {len(known)} models.")
    kin = kinship([some.rows[place] for place in known], some.rows)
    relation, sample = _sample(some, known, kin, how)
    return RankedProbes(
        protocol=models.protocol,
        relation=relation,
        n_models=len(models.rows),
        n_ranked=len(some.rows),
        folds=int(sample.folds.max()) + 1,
        has_reference=sample.has_reference,
        ranking=rank(sample, how.replicates, how.seed, progress),
        warnings=models.warnings,
        seconds=perf_counter() - started,
    )


def _some(models: Models, seed: int) -> Sequence[int]:
    """At most MOST_MODELS places, family by family, so that relatives stay together."""
    families = families_of(models.rows, models.rows)
    labels = [name or f"\0{place}" for place, name in enumerate(families)]
    names, codes = np.unique(np.array(labels), return_inverse=True)
    drawn = np.random.default_rng(seed).permutation(len(names))[codes]
    return sorted(np.argsort(drawn, kind="stable")[:MOST_MODELS].tolist())


def _sample(models: Models, known: Indexes, kin: Kinship, how: How) -> tuple[Relation, Sample]:
    relation, related = _related(kin, how.relation)
    families = families_of(models.rows, models.rows)
    for n_folds in range(FOLDS, MOST_FOLDS + 1):
        folds = choose_folds(families, n_folds, how.seed)
        sample = Sample(
            protocol=models.protocol,
            strands=models.strands,
            families=families,
            folds=split(families, n_folds, how.seed) if folds is None else folds,
            judged=known,
            related=related,
            unrelated=kin.unrelated & ~related,
            has_reference=folds is not None,
        )
        if sample.can_be_split():
            return relation, sample
    raise InputError(
        "few_families",
        "Probes are ordered by some families and tested on others: related models of at least "
        "three families are needed.",
    )


def _related(kin: Kinship, wanted: Relation | None) -> tuple[Relation, Mask]:
    relation = wanted
    if relation is None:
        relation = "direct" if np.triu(kin.direct).sum() >= FEWEST_DIRECT else "same-base"
    related = kin.direct if relation == "direct" else kin.same_base
    if not related.any():
        raise InputError("no_relatives", "The lineage names no two related models with an entry.")
    if not (kin.unrelated & ~related).any():
        raise InputError(
            "one_family",
            "No two models are of series that surely differ: without unrelated models there is "
            "nothing to tell relatives from.",
        )
    return relation, related


def _require_probes(protocol: Protocol) -> None:
    if protocol.n_probes == 1:
        raise InputError("few_probes", f"{protocol.name} has one probe: there is nothing to rank.")
    if protocol.n_probes > MOST_PROBES:
        raise InputError(
            "too_many_probes",
            f"At most {MOST_PROBES:,} probes can be ranked; {protocol.name} has "
            f"{protocol.n_probes:,}.",
        )
