"""Use case: how well relations are told, on models whose lineage somebody knows."""

from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np

from app.dna.reference import SMALLEST_POPULATION
from app.errors import InputError
from app.evaluation.blindness import blind_pairs
from app.evaluation.figures import Judgement
from app.evaluation.folds import choose_folds
from app.evaluation.kinship import Kinship, families_of, kinship
from app.evaluation.quartets import accuracies, drawn_tree, frozen
from app.evaluation.report import Evaluation, Taken
from app.evaluation.standings import Standings, by_reference, cross_validated, without_reference
from app.phylo.tree import Tree
from app.services.evaluation.answers import described, of_files
from app.services.evaluation.entries import of_registry
from app.services.evaluation.models import Lineage, Models, Progress, read_lineage
from app.store.database import Database

FEWEST = 2


@dataclass(frozen=True)
class Lineages:
    """The lineage files of what is evaluated and, maybe, of others that make the reference."""

    evaluated: Path
    reference: Path | None = None


@dataclass(frozen=True)
class How:
    """How an evaluation is made: least number of folds, replicates of the bootstrap, the seed."""

    folds: int = 4
    replicates: int = 500
    seed: int = 0


def evaluate_files(
    lineages: Lineages, answers: Path, probes: Path | None, how: How, progress: Progress
) -> Evaluation:
    """Evaluate the models of a file of answers, or of vectors; nothing enters the registry.

    Raises what `of_files`, `described` and `evaluate` raise.
    """
    started = perf_counter()
    lineage, reference = _read(lineages)
    everyone = of_files(answers, probes, progress)
    models = described(everyone, lineage, with_others=reference is None)
    others = None
    if reference is not None:
        others = described(everyone, reference, with_others=False)
    return _timed(evaluate(models, others, how, progress), started)


def evaluate_registry(
    lineages: Lineages, database: Database, protocol: str, how: How, progress: Progress
) -> Evaluation:
    """Evaluate the models of the registry that have an entry under a protocol.

    Raises what `of_registry` and `evaluate` raise.
    """
    started = perf_counter()
    lineage, reference = _read(lineages)
    with database.read() as session:
        models = of_registry(session, protocol, lineage, with_others=reference is None)
        others = None
        if reference is not None:
            others = of_registry(session, protocol, reference, with_others=False)
    return _timed(evaluate(models, others, how, progress), started)


def evaluate(models: Models, reference: Models | None, how: How, progress: Progress) -> Evaluation:
    """Evaluate models, by the reference of others or in cross-validation by family.

    Pairs that the service would flag are not matched and take no part; the report says how many
    of each kind they are. Raises InputError `one_model`, `no_bases`, `one_family`,
    `small_reference`.
    """
    places = [place for place, row in enumerate(models.rows) if row.has_base]
    known = models.keep(places)
    _require_known(models, len(known.rows))
    kin = kinship(known.rows, models.rows)
    _require_unrelated(kin)
    if reference is None:
        standings = _cross_validated(models, how, progress)
    else:
        reference = _apart(reference, known)
        standings = _by_reference(known, reference, progress)
    flagged = blind_pairs(known.protocol, known.strands, standings)
    kin, counted = kin.without(flagged), kin.counts(flagged)
    quartets = accuracies(_tree(models, reference, progress), np.array(places), kin, how.seed)
    judgement = Judgement(standings.unmatched(flagged), kin, quartets)
    return Evaluation(
        taken=Taken(
            protocol=models.protocol,
            n_models=len(models.rows),
            n_known=len(known.rows),
            folds=standings.n_folds,
            n_reference=standings.n_reference,
            pairs=judgement.n_pairs,
            flagged=counted,
            quartets={kind: len(accuracy) for kind, accuracy in quartets.items()},
        ),
        figures=judgement.figures(),
        intervals=judgement.intervals(how.replicates, how.seed, progress),
        left_out=models.left_out,
        warnings=models.warnings + (() if reference is None else reference.warnings),
    )


def _read(lineages: Lineages) -> tuple[Lineage, Lineage | None]:
    reference = None if lineages.reference is None else read_lineage(lineages.reference)
    return read_lineage(lineages.evaluated), reference


def _timed(evaluation: Evaluation, started: float) -> Evaluation:
    return replace(evaluation, seconds=perf_counter() - started)


def _cross_validated(models: Models, how: How, progress: Progress) -> Standings:
    judged = np.flatnonzero([row.has_base for row in models.rows])
    families = families_of(models.rows, models.rows)
    folds = choose_folds(families, how.folds, how.seed)
    if folds is None:
        return without_reference(models.protocol, models.strands[judged])
    everyone = (models.strands, families)
    return cross_validated(models.protocol, everyone, folds, judged, progress)


def _by_reference(known: Models, reference: Models, progress: Progress) -> Standings:
    families = families_of(reference.rows, reference.rows)
    progress("compare", 0, 1)
    standings = by_reference(known.protocol, (reference.strands, families), known.strands)
    progress("compare", 1, 1)
    return standings


def _tree(models: Models, reference: Models | None, progress: Progress) -> Tree:
    """The tree of all models, as their own population sees them or that of the reference."""
    progress("tree", 0, 1)
    population, members = frozen(models.protocol, (reference or models).strands)
    if reference is not None:
        members = np.full(len(models.rows), -1)
    tree = drawn_tree(population, models.strands, members)
    progress("tree", 1, 1)
    return tree


def _apart(reference: Models, known: Models) -> Models:
    """The reference without what is evaluated."""
    own = set(known.keys)
    apart = reference.keep([i for i, key in enumerate(reference.keys) if key not in own])
    warnings = tuple(f"In the reference: {warning}" for warning in reference.warnings)
    shared = len(reference.keys) - len(apart.keys)
    if shared:
        warnings += (f"Left out of the reference, since they are evaluated: {shared:,} models.",)
    if len(apart.keys) < SMALLEST_POPULATION:
        raise InputError(
            "small_reference",
            f"A reference needs {SMALLEST_POPULATION} models that are not evaluated themselves; "
            f"here are {len(apart.keys)}.",
        )
    return replace(apart, warnings=warnings)


def _require_known(models: Models, n_known: int) -> None:
    if len(models.rows) < FEWEST:
        raise InputError(
            "one_model",
            f"There is one model under {models.protocol.name}: nothing to compare it with.",
        )
    if n_known < FEWEST:
        raise InputError(
            "no_bases",
            f"The lineage knows the base of {n_known} of {len(models.rows)} models: "
            "name those of more, of two series at least.",
        )


def _require_unrelated(kin: Kinship) -> None:
    if not kin.unrelated.any():
        named = ", ".join(sorted(set(kin.families))[:3])
        raise InputError(
            "one_family",
            f"No two models are of series that surely differ ({named}): without unrelated models "
            "there is nothing to tell relatives from.",
        )
