"""`genebank protocol rank-probes`: which probes tell relatives from strangers."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.cli.console import emit_json, heading, out, say, shown, table
from app.cli.evaluated_files import Files, NamedFiles, Seed, sort_files
from app.cli.figures import NO_NUMBER, bar, number
from app.cli.options import Limit, ProtocolName, Server, refuse_server
from app.errors import InputError

if TYPE_CHECKING:
    from app.evaluation.probe_report import RankedProbes
    from app.services.evaluation.probe_ranking import How

TEXT_CELLS = 60
BAR_CELLS = 20


def rank_probes(  # noqa: PLR0913  one parameter an option
    files: NamedFiles = None,
    protocol: ProtocolName = None,
    relation: Annotated[
        Literal["direct", "same-base"] | None,
        typer.Option(
            "--relation",
            help="Rank by parents, children and siblings, or by all models of one base.",
            show_default="direct, where there are 30 such pairs",
        ),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write the best probes, the first ones first."),
    ] = None,
    first: Annotated[
        int | None,
        typer.Option("--first", min=1, help="Write so many.", show_default="as many as are enough"),
    ] = None,
    limit: Limit = 20,
    bootstrap: Annotated[
        int, typer.Option("--bootstrap", min=0, help="Replicates behind the 95 % interval.")
    ] = 500,
    seed: Seed = 0,
    server: Server = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the ranking as JSON.")] = False,
) -> None:
    """Find the probes that carry the evidence, and how few of them are enough.

    Works on models whose lineage is known: those of an answers file, or, with --protocol, those
    of the registry. Enough is what keeps 98 % of the power of all probes.

    Examples:
      genebank protocol rank-probes lineage.tsv answers.jsonl.gz probes.json
      genebank protocol rank-probes lineage.tsv --protocol lexical-v1 --out best.json
    """
    from app.services.evaluation.probe_ranking import How

    given = sort_files(files or (), None, None, None)
    _refuse_existing(to)
    how = How(relation, bootstrap, seed)
    if protocol is None:
        ranked = _of_files(given, how)
    else:
        refuse_server(server, "A ranking")
        ranked = _of_registry(given, protocol, how)
    for warning in ranked.warnings:
        say(warning)
    if as_json:
        emit_json(json.dumps(ranked.as_json(), ensure_ascii=False))
    else:
        _show(ranked, limit)
    if to is not None:
        _write(ranked, to, first or ranked.ranking.enough)


def _of_files(files: Files, how: "How") -> "RankedProbes":
    from app.cli.progress import import_progress
    from app.services.evaluation.probe_ranking import rank_files

    if files.answers is None:
        raise InputError(
            "bad_usage",
            "Say whose probes are ranked: name answers and their probes, or add --protocol NAME "
            "of the registry.",
        )
    with import_progress() as progress:
        return rank_files(files.lineage, files.answers, files.probes, how, progress)


def _of_registry(files: Files, protocol: str, how: "How") -> "RankedProbes":
    from app.cli.configured import load_settings, open_database
    from app.cli.progress import import_progress
    from app.services.evaluation.probe_ranking import rank_registry
    from app.store import schema

    if files.answers or files.probes:
        raise InputError(
            "bad_usage", "Rank either a file of answers or, with --protocol, the registry."
        )
    with open_database(load_settings()) as database, import_progress() as progress:
        if database.is_sqlite:
            schema.upgrade(database)
        return rank_registry(files.lineage, database, protocol, how, progress)


def _refuse_existing(to: Path | None) -> None:
    if to is not None and to.exists():
        raise InputError("exists_already", f"{to} exists: name what does not exist yet.")


def _write(ranked: "RankedProbes", to: Path, n_probes: int) -> None:
    best = ranked.first(n_probes)
    text = json.dumps({"name": best.name, "probes": best.probes}, ensure_ascii=False, indent=1)
    try:
        to.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError("unwritable", f"{to} cannot be written: {error.strerror}.") from error
    say(f"{to} holds {len(best.probes):,} probes.")


def _show(ranked: "RankedProbes", limit: int) -> None:
    found, probes = ranked.ranking, ranked.protocol.probe_set.probes
    heading(
        f"{ranked.protocol.name}: {len(probes):,} probes, ranked by {found.n_related:,} "
        f"{ranked.relation} pairs and {found.n_unrelated:,} unrelated ones"
    )
    numbers = ["rank", "number", "AUC", "separation", "redundancy"]
    ranks = table([*numbers, "probe"], numbers=numbers)
    for place, probe in enumerate(found.order.tolist()[:limit]):
        values = (found.aucs, found.separations, found.redundancies)
        cells = [_figure(float(column[place])) for column in values]
        ranks.add_row(str(place + 1), str(probe + 1), *cells, shown(_short(probes[probe])))
    out().print(ranks)
    heading("The first probes, on families that did not rank them")
    columns = ["probes", "AUC", "TPR at 1 % FPR", "power"]
    curve = table([*columns, "of all"], numbers=columns)
    most = found.curve[-1].power
    for point in found.curve:
        cells = [_figure(value) for value in (point.auc, point.tpr_at_1pct, point.power)]
        share = point.power / most if most else 0.0
        curve.add_row(f"{point.n_probes:,}", *cells, bar(share, BAR_CELLS))
    out().print(curve)
    out().print(shown(_how(ranked)), soft_wrap=True)


def _how(ranked: "RankedProbes") -> str:
    found = ranked.ranking
    ends = found.interval
    interval = "" if ends is None else f" ({_figure(ends[0])} to {_figure(ends[1])})"
    by = "by references without their families" if ranked.has_reference else "by plain scores"
    return (
        f"Enough: {found.enough:,} probes. So chosen on some families, the first probes kept "
        f"{_figure(found.held_out)}{interval} of the power on others. Power is the mean true "
        f"positive rate at false positive rates up to 5 %; {ranked.n_ranked:,} of "
        f"{ranked.n_models:,} models, compared {by}, in {ranked.folds} folds."
    )


def _figure(value: float) -> str:
    return NO_NUMBER if value != value else number(value)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= TEXT_CELLS else line[: TEXT_CELLS - 1] + "…"
