"""`genebank ancestors` and `genebank descendants`: who came first, why, and how sure that is."""

from typing import Annotated, Any

import typer
from rich.text import Text

from app.cli.console import emit_json, heading, out, shown, table
from app.cli.figures import NO_NUMBER, p_value
from app.cli.lineage_drawing import draw
from app.cli.options import AsJson, ModelName, Server
from app.cli.verdicts import verdict

INCONCLUSIVE = 3
Count = Annotated[int, typer.Option("-k", min=1, max=200, help="Show at most so many.")]
SUPPORT = {"supported": "green", "contradicted": "bold red", "undecided": "yellow"}
CONFIDENCE = {"high": "bold green", "moderate": "green", "low": "yellow"}


def ancestors(
    name: ModelName, k: Count = 10, server: Server = None, as_json: AsJson = False
) -> None:
    """Show the likely ancestors of a model, and whether its declared bases bear out.

    Confidence: high where a claim and the behaviour agree; moderate on the likeliest line, by
    dates, or where the behaviour is that of a merge; low where only dates speak.

    Exits with 3 when the answer is inconclusive.

    Example:
      genebank ancestors zephyr-7b-beta
    """
    _answer("ancestors", "declared_bases", name, (k, server, as_json))


def descendants(
    name: ModelName, k: Count = 10, server: Server = None, as_json: AsJson = False
) -> None:
    """Show the likely descendants of a model, and who declares it as a base.

    Confidence is that of `genebank ancestors`. Exits with 3 when the answer is inconclusive.

    Example:
      genebank descendants mistral-7b-v0.1
    """
    _answer("descendants", "declared_by", name, (k, server, as_json))


def _answer(side: str, claims: str, name: str, options: tuple[int, str | None, bool]) -> None:
    from app.cli.client import connect

    k, server, as_json = options
    with connect(server) as client:
        answer = client.get(f"/v1/{side}", model=name, k=k)
    if as_json:
        emit_json(answer.text)
    else:
        _show(answer.data, side, claims)
    if answer.data["verdict"] == "inconclusive":
        raise typer.Exit(INCONCLUSIVE)


def _show(data: dict[str, Any], side: str, claims: str) -> None:
    found = {"found": side, "none": f"no {side}", "inconclusive": f"{side} inconclusive"}
    heading(f"{data['model']['name']}: {found[data['verdict']]}")
    out().print(shown(data["why"]), soft_wrap=True)
    for claim in data[claims]:
        out().print(_claim(data["model"]["name"], side, claim), soft_wrap=True)
    out().print()
    if data[side]:
        _show_kin(data[side])
    _show_others(data, side)
    if data["edges"]:
        out().print(draw(data["model"], data["edges"], upwards=side == "ancestors"))


def _show_kin(kin: list[dict[str, Any]]) -> None:
    shows = table(
        ["#", "model", "verdict", "confidence", "depth", "released", "p-value", "reasons"],
        numbers=["#", "depth", "p-value"],
    )
    for rank, one in enumerate(kin, 1):
        shows.add_row(
            str(rank),
            shown(one["model"]["name"], "bold"),
            verdict(one),
            shown(one["confidence"], CONFIDENCE[one["confidence"]]),
            NO_NUMBER if one["depth"] is None else str(one["depth"]),
            shown(one["released"][0]["value"] if one["released"] else NO_NUMBER),
            p_value(one["p_value"]),
            shown("; ".join(reason["detail"] for reason in one["reasons"])),
        )
    out().print(shows)
    out().print()


def _show_others(data: dict[str, Any], side: str) -> None:
    came = "came first" if side == "ancestors" else "came later"
    for key, told in (
        ("beside", f"Related, and {came}, but beside the line (siblings, aunts): "),
        ("undirected", "Related, but nobody knows which came first: "),
    ):
        names = ", ".join(one["model"]["name"] for one in data[key])
        if names:
            out().print(shown(told + names), soft_wrap=True)
    if data["beside"] or data["undirected"]:
        out().print()


def _claim(name: str, side: str, claim: dict[str, Any]) -> Text:
    """A claim in words, and what behaviour says of it."""
    if side == "ancestors":
        named = f"{name} names {claim['value']} as its base"
    else:
        named = f"{claim['model']['name']} names {claim['value']} as its base"
    p = "" if claim["p_value"] is None else f" (p = {p_value(claim['p_value'])})"
    told = {
        "supported": f"Supported: by their behaviour, {claim['verdict']}{p}.",
        "contradicted": f"Contradicted: by their behaviour, the two are unrelated{p}.",
        "undecided": f"Undecided: {claim['why']}",
    }
    line = shown(f"{named} ({', '.join(claim['sources'])}). ")
    return line.append_text(shown(told[claim["support"]], SUPPORT[claim["support"]]))
