"""`genebank compare-trees`: two trees, or a tree and a lineage."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.console import emit_json, heading, out, say, shown, table
from app.cli.figures import NO_NUMBER, number
from app.cli.options import AsJson, Server
from app.cli.tree_sides import Side, side_of, tree_of
from app.errors import InputError

SIDE = "A protocol, a Newick file (.nwk, .newick, .tree, .tre), or a lineage (.tsv)."
MOST_NAMED = 5


def compare_trees(
    first: Annotated[str, typer.Argument(metavar="ONE", help=SIDE)],
    second: Annotated[str, typer.Argument(metavar="OTHER", help=SIDE)],
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model", metavar="NAME", help="Compare the trees of these models of the registry."
        ),
    ] = None,
    tanglegram: Annotated[
        Path | None,
        typer.Option(
            "--tanglegram",
            metavar="FILE",
            help="Write the orders of the tips that untangle both trees to this file, as JSON.",
        ),
    ] = None,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Compare the trees of two protocols or files, or say what a tree shows of a lineage.

    Examples:
      genebank compare-trees likelihood-v1 lexical-v1
      genebank compare-trees likelihood-v1 published.nwk --tanglegram tangle.json
      genebank compare-trees likelihood-v1 lineage.tsv
    """
    one, other = sorted((side_of(first), side_of(second)), key=lambda side: side.kind == "lineage")
    if one.kind == "lineage":
        raise InputError("bad_usage", "Both are lineages: name a tree, by protocol or by file.")
    if other.kind == "lineage" and tanglegram:
        raise InputError("bad_usage", "A lineage is no tree: leave --tanglegram out.")
    if model and "protocol" not in (one.kind, other.kind):
        raise InputError("bad_usage", "--model names models of the registry: name a protocol too.")
    data = _compared(server, one, other, model or [])
    if tanglegram is not None:
        _write(tanglegram, _tangle(data, one, other))
    if as_json:
        emit_json(json.dumps(data, ensure_ascii=False))
    elif other.kind == "lineage":
        _show_clades(data, one, other)
    else:
        _show(data, one, other)


def _compared(server: str | None, one: Side, other: Side, chosen: list[str]) -> dict[str, Any]:
    if other.kind == "lineage":
        from app.evaluation.clades import judge_clades
        from app.services.evaluation.models import read_lineage

        rows = read_lineage(Path(other.word)).rows
        return judge_clades(tree_of(one, server, chosen), rows).as_json()
    if one.kind == other.kind == "protocol":
        return _compared_there(server, one, other, chosen)
    return _compared_here(server, one, other, chosen)


def _compared_there(
    server: str | None, one: Side, other: Side, chosen: list[str]
) -> dict[str, Any]:
    from app.cli.client import connect

    with connect(server) as client:
        answer = client.get(
            "/v1/tree/comparison", protocol=one.word, against=other.word, model=chosen or None
        )
    data: dict[str, Any] = answer.data
    return data


def _compared_here(server: str | None, one: Side, other: Side, chosen: list[str]) -> dict[str, Any]:
    """In the form of the API's answer, with files in place of protocols."""
    from app.phylo.side_by_side import side_by_side

    found = side_by_side(tree_of(one, server, chosen), tree_of(other, server, chosen))
    return {
        "a": {"name": one.word, "n_splits": found.splits_a, "only_here": found.only_a},
        "b": {"name": other.word, "n_splits": found.splits_b, "only_here": found.only_b},
        "tips": [{"name": name} for name in found.names],
        **found.as_json(),
    }


def _tangle(data: dict[str, Any], one: Side, other: Side) -> dict[str, Any]:
    tangle, tips = data["tanglegram"], data["tips"]
    return {
        side: {"name": named.word, "order": [tips[tip]["name"] for tip in tangle[side]]}
        for side, named in (("a", one), ("b", other))
    } | {"before": tangle["before"], "crossings": tangle["crossings"]}


def _write(path: Path, tangle: dict[str, Any]) -> None:
    text = json.dumps(tangle, ensure_ascii=False, indent=1)
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(
            "unwritable_file", f"{path} cannot be written: {error.strerror}."
        ) from error
    say(f"The orders of the tips are in {path}.")


def _show(data: dict[str, Any], one: Side, other: Side) -> None:
    apart, tangle = data["robinson_foulds"], data["tanglegram"]
    heading(f"{one.word} and {other.word}: {data['n_shared']:,} models in both trees")
    shows = table(["measure", "value", ""], numbers=["value"])
    splits = f"{data['a']['n_splits']:,} and {data['b']['n_splits']:,} splits"
    differ = f"{apart['distance']:,} of {splits} in one tree only"
    shows.add_row("Robinson-Foulds (0: the same)", number(apart["normalised"]), differ)
    for name in ("clustering", "phylogenetic"):
        of = data[f"{name}_information"]
        bits = f"{of['shared']:.1f} bits shared of {of['a']:.1f} and {of['b']:.1f}"
        shows.add_row(f"{name} information (1: the same)", _number(of["similarity"]), bits)
    correlation = _number(data["cophenetic_correlation"])
    shows.add_row("cophenetic correlation (1: the same)", correlation, "of the lengths of paths")
    crossing = f"{tangle['before']:,} before nodes were turned"
    shows.add_row("crossings (0: the same shape)", f"{tangle['crossings']:,}", crossing)
    out().print(shows)
    for side, named in (("a", one), ("b", other)):
        alone = data[side].get("only_here", ())
        if alone:
            say(f"Only in {named.word}: {_listed(alone)}.")


def _show_clades(data: dict[str, Any], one: Side, other: Side) -> None:
    heading(
        f"{one.word} and {other.word}: {data['n_shared']:,} of {data['n_tips']:,} models in both; "
        f"{data['shown']:,} of {data['n_clades']:,} clades shown"
    )
    shows = table(["clade of", "models", "verdict", "support", "away", "among"], ["models"])
    # What is not shown first: that is what people look for.
    for clade in sorted(data["clades"], key=lambda clade: str(clade["verdict"]) == "shown"):
        shows.add_row(
            shown(clade["head"], "bold"),
            f"{len(clade['inside']):,}",
            clade["verdict"],
            _number(clade["support"]),
            shown(_listed(clade["away"])),
            shown(_listed(clade["among"])),
        )
    out().print(shows)


def _number(value: float | None) -> str:
    return NO_NUMBER if value is None else number(value)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
