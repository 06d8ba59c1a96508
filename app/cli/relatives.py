"""`genebank relatives`: the models that are nearest to one model, under each protocol."""

from typing import Annotated, Any

import typer

from app.cli.console import emit_json, heading, out, say, shown, table
from app.cli.figures import (
    AS_RERUN_SAID,
    as_rerun,
    bar,
    noise,
    number,
    p_value,
    reference,
    standing,
)
from app.cli.options import AsJson, ModelName, ProtocolName, Server
from app.cli.verdicts import verdict


def relatives(  # noqa: PLR0913  one parameter an option
    name: ModelName,
    k: Annotated[int, typer.Option("-k", min=1, max=200, help="Show at most so many.")] = 10,
    protocol: ProtocolName = None,
    evidence: Annotated[
        str | None,
        typer.Option("--evidence", metavar="LEVEL", help="Only weights, endpoint or reported."),
    ] = None,
    released_before: Annotated[
        str | None,
        typer.Option(
            "--released-before", metavar="DATE", help="Only models of before YYYY-MM[-DD]."
        ),
    ] = None,
    licence: Annotated[
        str | None, typer.Option("--licence", metavar="NAME", help="Only models under it.")
    ] = None,
    family: Annotated[
        str | None,
        typer.Option("--family", metavar="NAME", help="Only a model and what descends from it."),
    ] = None,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Rank the models that are nearest to a model, and say which are its relatives.

    Example:
      genebank relatives zephyr-7b-beta -k 5
      genebank relatives zephyr-7b-beta --licence apache-2.0 --released-before 2024-06
    """
    from app.cli.client import connect

    with connect(server) as client:
        answer = client.get(
            "/v1/relatives",
            model=name,
            k=k,
            protocol=protocol,
            evidence=evidence,
            released_before=released_before,
            licence=licence,
            family=family,
        )
    if as_json:
        emit_json(answer.text)
        return
    data = answer.data
    if data["copies"]:
        names = ", ".join(copy["name"] for copy in data["copies"])
        out().print(shown(f"Copies, with the very same content: {names}\n"))
    _show_combined(data)
    for ranking in data["rankings"]:
        _show(data["model"], ranking)
    for note in dict.fromkeys(ranking["note"] for ranking in data["rankings"]):
        say(note)


def _show_combined(data: dict[str, Any]) -> None:
    """All candidates once, by the protocol that decides: only where there are several."""
    if len(data["rankings"]) < 2:
        return
    heading(f"{data['model']['name']}: what its best witness says of each")
    shows = table(["#", "model", "verdict", "p-value", "decided by"], numbers=["#", "p-value"])
    for rank, relative in enumerate(data["combined"], 1):
        shows.add_row(
            str(rank),
            shown(relative["model"]["name"], "bold"),
            verdict(relative),
            p_value(relative["p_value"]),
            shown(relative["protocol"]["name"]),
        )
    out().print(shows)
    out().print()


def _show(model: dict[str, Any], ranking: dict[str, Any]) -> None:
    heading(
        f"{model['name']} under {ranking['protocol']['name']}: {ranking['score']}, "
        f"{_searched(ranking)}, {reference(ranking)}"
    )
    copies_too = ["copies"] if any(found["copies"] for found in ranking["relatives"]) else []
    sign_too = [""] if ranking["noise"] else []
    judged = ["standing", "p-value", "verdict", "evidence"]
    shows = table(
        ["#", "model", "score", *sign_too, "", *judged, *copies_too],
        numbers=["#", "score", "standing", "p-value"],
    )
    for rank, relative in enumerate(ranking["relatives"], 1):
        copies = ", ".join(copy["name"] for copy in relative["copies"])
        shows.add_row(
            str(rank),
            shown(relative["model"]["name"], "bold"),
            number(relative["score"]),
            *([as_rerun(relative)] if sign_too else []),
            bar(relative["score"]),
            standing(relative["standing"]),
            p_value(relative["p_value"]),
            verdict(relative),
            shown(relative["evidence"]),
            *([shown(copies)] if copies_too else []),
        )
    out().print(shows)
    if ranking["noise"]:
        told = f"When {noise(model['name'], ranking['noise'])}. {AS_RERUN_SAID}"
        out().print(shown(told), soft_wrap=True)
    out().print()


def _searched(ranking: dict[str, Any]) -> str:
    """Among how many models it was looked for."""
    if ranking["passed"] is None:
        return f"{ranking['population']} models"
    return f"{ranking['passed']} of {ranking['population']} models"
