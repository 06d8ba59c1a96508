"""`genebank evaluate`: how well relations are told, on models whose lineage is known."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import emit_json, heading, out, say, shown, table
from app.cli.evaluated_files import Files, NamedFiles, Seed, sort_files
from app.cli.figures import NO_NUMBER, number
from app.cli.options import ProtocolName, Server, refuse_server
from app.errors import InputError

if TYPE_CHECKING:
    from app.evaluation.report import Evaluation
    from app.services.evaluation.evaluating import How, Lineages

KINDS = {"same_base": "same base", "direct": "direct"}
RATES = {"auc": "AUC", "tpr_at_1pct": "TPR at 1 % FPR", "tpr_at_0.1pct": "TPR at 0.1 % FPR"}
SHARES = {
    ("nearest_same_base",): "models whose nearest has the same base",
    ("parent_at_1",): "children whose parent comes first",
    ("parent_at_1_undated",): "the same, release dates unknown",
    ("parent_at_5",): "children whose parent is among the first 5",
    ("p_value_calibration", "0.01"): "unrelated pairs with p of at most 0.01",
    ("p_value_calibration", "0.05"): "unrelated pairs with p of at most 0.05",
    ("quartets", "same_base"): "quartets of the tree that are right, same base",
    ("quartets", "direct"): "quartets of the tree that are right, direct",
}


def evaluate(  # noqa: PLR0913  one parameter an option
    files: NamedFiles = None,
    answers: Annotated[
        Path | None,
        typer.Option(
            "--answers",
            metavar="FILE",
            help="Evaluate the models of this file, .jsonl or .jsonl.gz; it is not imported.",
            show_default=False,
        ),
    ] = None,
    probes: Annotated[
        Path | None,
        typer.Option("--probes", metavar="FILE", help="The probes that were answered, .json."),
    ] = None,
    lineage: Annotated[
        Path | None,
        typer.Option("--lineage", metavar="FILE", help="The lineage, where no argument names it."),
    ] = None,
    protocol: ProtocolName = None,
    reference: Annotated[
        Path | None,
        typer.Option(
            "--reference",
            metavar="FILE",
            help="Take the reference from the models of this other lineage, instead of "
            "cross-validation.",
            show_default=False,
        ),
    ] = None,
    folds: Annotated[
        int, typer.Option("--folds", min=3, max=12, help="Cross-validate in so many folds.")
    ] = 4,
    bootstrap: Annotated[
        int, typer.Option("--bootstrap", min=0, help="Replicates behind the 95 % intervals.")
    ] = 500,
    seed: Seed = 0,
    server: Server = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure how well relatives are told from strangers, where a lineage says who is who.

    Models are compared by references that hold no model of their families: in cross-validation,
    or from other models.

    Examples:
      genebank evaluate lineage.tsv --answers answers.jsonl.gz --probes probes.json
      genebank evaluate lineage.tsv --protocol likelihood-v1 --reference other/lineage.tsv
    """
    from app.services.evaluation.evaluating import How, Lineages

    given = sort_files(files or (), lineage, answers, probes)
    lineages, how = Lineages(given.lineage, reference), How(folds, bootstrap, seed)
    if protocol is None:
        evaluation = _of_files(given, lineages, how)
    else:
        if given.answers or given.probes:
            raise InputError(
                "bad_usage",
                "Evaluate either a file of answers or, with --protocol, the registry.",
            )
        refuse_server(server, "An evaluation")
        evaluation = _of_registry(protocol, lineages, how)
    for warning in evaluation.warnings:
        say(warning)
    if as_json:
        emit_json(json.dumps(evaluation.as_json(), ensure_ascii=False))
    else:
        _show(evaluation)


def _of_files(files: Files, lineages: "Lineages", how: "How") -> "Evaluation":
    from app.cli.progress import import_progress
    from app.services.evaluation.evaluating import evaluate_files

    if files.answers is None:
        raise InputError(
            "bad_usage",
            "Say what is evaluated: --answers FILE --probes FILE, or --protocol NAME of the "
            "registry.",
        )
    with import_progress() as progress:
        return evaluate_files(lineages, files.answers, files.probes, how, progress)


def _of_registry(protocol: str, lineages: "Lineages", how: "How") -> "Evaluation":
    from app.cli.configured import load_settings, open_database
    from app.cli.progress import import_progress
    from app.services.evaluation.evaluating import evaluate_registry
    from app.store import schema

    with open_database(load_settings()) as database, import_progress() as progress:
        if database.is_sqlite:
            schema.upgrade(database)
        return evaluate_registry(lineages, database, protocol, how, progress)


def _show(evaluation: "Evaluation") -> None:
    taken = evaluation.taken
    heading(
        f"{taken.protocol.name}: {taken.n_models:,} models, {taken.n_known:,} of known base, "
        f"{taken.pairs['unrelated']:,} unrelated pairs"
    )
    kinds = table(["relation", "pairs", *RATES.values()], numbers=["pairs"])
    for kind, words in KINDS.items():
        cells = [_figure(evaluation, kind, rate) for rate in RATES]
        kinds.add_row(shown(words, "bold"), f"{taken.pairs[kind]:,}", *cells)
    shares = table(["share of", "value"])
    for path, words in SHARES.items():
        shares.add_row(words, _figure(evaluation, *path))
    out().print(kinds)
    out().print(shares)
    out().print(shown(_how(evaluation)), soft_wrap=True)


def _figure(evaluation: "Evaluation", *path: str) -> str:
    value, interval = evaluation.value(*path), evaluation.interval(*path)
    if value is None:
        return NO_NUMBER
    if interval is None:
        return number(value)
    return f"{number(value)} ({number(interval[0])} to {number(interval[1])})"


def _how(evaluation: "Evaluation") -> str:
    taken = evaluation.taken
    aside = ""
    if any(taken.flagged.values()):
        kinds = ", ".join(f"{n:,} {kind.replace('_', ' ')}" for kind, n in taken.flagged.items())
        aside = f" Pairs flagged for suspicious answers, which take no part: {kinds}."
    if not taken.n_reference:
        by = "Plain scores, without p-values: there are too few models for a reference."
    elif taken.folds is None:
        by = f"Compared by a reference of {taken.n_reference:,} other models."
    else:
        by = (
            f"Cross-validated by family in {taken.folds} folds, with references of "
            f"{taken.n_reference:,} models or more."
        )
    return f"{by}{aside} In brackets: 95 % intervals, families resampled."
