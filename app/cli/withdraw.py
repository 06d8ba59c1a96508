"""`genebank withdraw` and `genebank reinstate`: taking a model back, and undoing that."""

import sys
from typing import Annotated

import typer

from app.cli.console import emit, emit_json, err, say, shown, visible
from app.cli.options import AsJson, ModelName, Server
from app.errors import InputError

Reason = Annotated[
    str,
    typer.Option("--reason", metavar="TEXT", help="Why: whoever asks for the model is told."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]


def withdraw(
    name: ModelName,
    reason: Reason,
    yes: Yes = False,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Withdraw a model: nothing names it any more, its jobs end, its ref is refused.

    No row is lost: `genebank reinstate` undoes it.

    Example:
      genebank withdraw acme/wolf-chat --reason "its answers were forged"
    """
    from app.cli.client import connect

    with connect(server) as client:
        [model] = client.get("/v1/models", model=name).data["data"]
        if not yes:
            _ask(model["ref"])
        answer = client.delete(f"/v1/models/{model['id']}", reason=reason)
    if as_json:
        emit_json(answer.text)
        return
    cancelled = answer.data["jobs_cancelled"]
    emit(f"{visible(model['ref'])} is withdrawn.")
    if cancelled:
        say(f"{cancelled} of its jobs were cancelled.")
    say(f"To undo it: genebank reinstate {model['id']}")


def reinstate(name: ModelName, server: Server = None, as_json: AsJson = False) -> None:
    """Undo a withdrawal: the model is named again as before; its cancelled jobs stay so.

    Example:
      genebank reinstate acme/wolf-chat
    """
    from app.cli.client import connect

    with connect(server) as client:
        answer = client.post("/v1/models:reinstate", {}, model=name)
    if as_json:
        emit_json(answer.text)
        return
    emit(f"{visible(answer.data['ref'])} is reinstated.")


def _is_somebody_there() -> bool:
    return sys.stdin.isatty()


def _ask(ref: str) -> None:
    if not _is_somebody_there():
        raise InputError("bad_usage", "Nobody is there to be asked: say --yes.")
    err().print(shown(f"Withdraw {visible(ref)}? [y/N] "), end="")
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        say("Nothing was changed.")
        raise typer.Exit
