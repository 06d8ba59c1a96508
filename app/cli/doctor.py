"""`genebank doctor`: what may be wrong with an installation, and what to do about it."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from app.cli.console import emit_json, out, shown, table
from app.cli.options import AsJson

FINDINGS = 1
STYLES = {"ok": "green", "note": "cyan", "warning": "yellow", "failed": "bold red"}


def doctor(
    worker: Annotated[
        bool, typer.Option("--worker", help="Fail unless a worker of this host shows itself.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Examine this installation; exit code 1 when something must be mended.

    Example:
      genebank doctor
    """
    from app.cli.checks import examine

    checks = examine(expect_worker=worker)
    if as_json:
        emit_json(json.dumps({"checks": [asdict(check) for check in checks]}, ensure_ascii=False))
    else:
        shows = table(["check", "state", "detail"])
        for check in checks:
            state = shown(check.state, STYLES[check.state])
            shows.add_row(shown(check.name, "bold"), state, shown(check.detail))
        out().print(shows)
    if any(check.state == "failed" for check in checks):
        raise typer.Exit(FINDINGS)
