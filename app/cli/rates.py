"""`genebank rates`: how fast each family of models changes, and whether families differ."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.console import emit_json, heading, out, shown, table
from app.cli.evolving import question, say_tree
from app.cli.figures import NO_NUMBER, p_value
from app.cli.options import AsJson, Named, Outgroup, ProtocolName, Rooting, Server

INCONCLUSIVE = 3
MOST_DIFFERENCES = 15


def rates(  # noqa: PLR0913  one parameter an option
    names: Named = None,
    families: Annotated[
        Path | None,
        typer.Option(
            "--families",
            metavar="FILE",
            help="Tab-separated: model, family (or base), and released if known; in place of "
            "declared bases. A lineage file will do.",
            show_default=False,
        ),
    ] = None,
    replicates: Annotated[
        int,
        typer.Option(min=0, max=200, help="Trees of resampled probes that widen the intervals."),
    ] = 50,
    protocol: ProtocolName = None,
    rooting: Rooting = "midpoint",
    outgroup: Outgroup = None,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Measure how much the models of each family change in a year, and compare families.

    A rate is a slope of distance on release date, with a 95 % interval. It is inconclusive with
    fewer than five dated models, or dates less than three months apart. Exits with 3 when there
    are not two families to compare.

    Examples:
      genebank rates
      genebank rates --families lineage.tsv --protocol alpacaeval
    """
    from app.cli.client import connect

    body = {
        **question(names, protocol, rooting, outgroup),
        "replicates": replicates,
        **_told(families),
    }
    with connect(server) as client:
        answer = client.post("/v1/rates", body)
    if as_json:
        emit_json(answer.text)
    else:
        say_tree(answer.data)
        _show(answer.data)
    if answer.data["comparison"]["verdict"] == "inconclusive":
        raise typer.Exit(INCONCLUSIVE)


def _told(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    from app.services.trait_files import RELEASED, families_of, read_traits

    read = read_traits(path)
    return {"families": families_of(read), "released": read.get(RELEASED, {})}


def _show(data: dict[str, Any]) -> None:
    replicates = data["replicates"]
    probes = f"with {replicates} replicates of probes" if replicates else "without replicates"
    heading(f"Rates of families: distance a year, 95 % intervals {probes}")
    shows = table(
        ["family", "models", "dated", "from", "to", "rate", "interval", "p-value", "detail"],
        numbers=["models", "dated", "rate", "interval", "p-value"],
    )
    for one in sorted(data["families"], key=_fastest_first):
        measured = one["verdict"] == "measured"
        shows.add_row(
            shown(one["family"], "bold"),
            f"{one['n_models']:,}",
            f"{one['n_dated']:,}",
            one["first"] or NO_NUMBER,
            one["last"] or NO_NUMBER,
            f"{one['rate']:+.3f}" if measured else NO_NUMBER,
            f"{one['low']:+.3f} to {one['high']:+.3f}" if measured else NO_NUMBER,
            p_value(one["p_value"]),
            shown(f"from {one['origin']['name']}" if measured else f"inconclusive: {one['why']}"),
        )
    out().print(shows)
    out().print()
    _compare(data["comparison"])


def _fastest_first(one: dict[str, Any]) -> tuple[bool, float, int]:
    return one["rate"] is None, -(one["rate"] or 0), -one["n_dated"]


def _compare(found: dict[str, Any]) -> None:
    heading(f"Do families differ: {found['verdict']}")
    if found["p_value"] is None:
        out().print("Two families with a rate are needed to compare them.")
        return
    out().print(
        f"{found['n_families']} families, one common rate would be {found['common']:+.3f}; "
        f"p {p_value(found['p_value'])} ({found['permutations']:,} permutations)",
        soft_wrap=True,
    )
    pairs = sorted(found["differences"], key=lambda pair: pair["p_value"])
    shows = table(
        ["faster", "slower", "difference", "interval", "p-value", "q-value"],
        numbers=["difference", "interval", "p-value", "q-value"],
    )
    for pair in pairs[:MOST_DIFFERENCES]:
        sign = 1 if pair["difference"] >= 0 else -1
        fast, slow = (pair["a"], pair["b"])[::sign]
        low, high = sorted((sign * pair["low"], sign * pair["high"]))
        shows.add_row(
            shown(fast, "bold"),
            shown(slow, "bold"),
            f"{abs(pair['difference']):.3f}",
            f"{low:+.3f} to {high:+.3f}",
            p_value(pair["p_value"]),
            p_value(pair["q_value"]),
        )
    out().print(shows)
    if len(pairs) > MOST_DIFFERENCES:
        out().print(f"{len(pairs) - MOST_DIFFERENCES:,} more pairs: --json has them.")
