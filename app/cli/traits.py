"""`genebank traits`: whether the tree follows what is known of its models."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.console import emit_json, heading, out, shown, table
from app.cli.evolving import question, say_tree
from app.cli.figures import NO_NUMBER, p_value
from app.cli.options import AsJson, Named, Outgroup, ProtocolName, Rooting, Server

INCONCLUSIVE = 3
STYLES = {"followed": "bold green", "not shown": "", "inconclusive": "yellow"}
ALL = ("family", "organisation", "architecture", "model_type", "release")


def traits(  # noqa: PLR0913  one parameter an option
    names: Named = None,
    trait: Annotated[
        list[str] | None,
        typer.Option(
            "--trait",
            help=f"What the registry knows: {', '.join(ALL)}. All, when neither this nor a file "
            "is given.",
            show_default=False,
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="FILE",
            help="Tab-separated: model, and a column for each trait; a column of dates or of "
            "numbers is a trait of order.",
            show_default=False,
        ),
    ] = None,
    protocol: ProtocolName = None,
    rooting: Rooting = "midpoint",
    outgroup: Outgroup = None,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Test whether the tree follows traits: near models alike more often than by chance.

    Kinds are tested by the fewest changes that the tree needs, order by autocorrelation (release
    dates, numbers), both against shuffled models. Exits with 3 when all are inconclusive.

    Examples:
      genebank traits
      genebank traits --trait organisation --trait release
      genebank traits --file traits.tsv
    """
    from app.cli.client import connect

    told = _told(file)
    known = trait or ([] if told else list(ALL))
    body = {**question(names, protocol, rooting, outgroup), "trait": known, **told}
    with connect(server) as client:
        answer = client.post("/v1/traits", body)
    if as_json:
        emit_json(answer.text)
    else:
        say_tree(answer.data)
        _show(answer.data["traits"])
    if all(one["verdict"] == "inconclusive" for one in answer.data["traits"]):
        raise typer.Exit(INCONCLUSIVE)


def _told(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    from app.services.trait_files import RELEASED, read_traits

    read = read_traits(path)
    return {"traits": read, "released": read.get(RELEASED, {})}


def _show(found: list[dict[str, Any]]) -> None:
    heading("Does the tree follow them")
    shows = table(
        ["trait", "verdict", "models", "statistic", "by chance", "effect", "p-value", "q-value",
         "detail"],
        numbers=["models", "statistic", "by chance", "effect", "p-value", "q-value"],
    )  # fmt: skip
    for one in found:
        name, verdict = shown(one["trait"], "bold"), shown(one["verdict"], STYLES[one["verdict"]])
        if one["kind"] is None:
            shows.add_row(name, verdict, *[NO_NUMBER] * 6, shown(one["why"]))
            continue
        is_kinds = one["kind"] == "kinds"
        shows.add_row(
            name,
            verdict,
            f"{one['n']:,}",
            f"{one['statistic']:,.0f} changes" if is_kinds else f"C {one['statistic']:+.2f}",
            f"{one['expected']:,.1f}" if is_kinds else f"{one['expected']:+.2f}",
            f"{one['effect']:+.2f}",
            p_value(one["p_value"]),
            p_value(one["q_value"]),
            f"{one['n_kinds']} kinds" if is_kinds else "order",
        )
    out().print(shows)
