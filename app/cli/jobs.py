"""`genebank jobs`: what workers have done and have to do."""

from typing import Annotated

import typer

from app.cli.console import emit_json, out, shown, table
from app.cli.job_words import Job, amount, subject, trouble, work
from app.cli.options import AsJson, Limit, Server
from app.cli.pages import collect, rows_json


def jobs(
    state: Annotated[
        str | None, typer.Option("--state", metavar="STATE", help="Only jobs in this state.")
    ] = None,
    limit: Limit = 50,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """List jobs.

    Example:
      genebank jobs --state queued
    """
    from app.cli.client import connect

    with connect(server) as client:
        rows = collect(client, "/v1/jobs", limit, state=state)
    if as_json:
        emit_json(rows_json(rows))
        return
    shows = table(["model", "makes", "state", "stage", "done", "error", "id"])
    for row in rows:
        shows.add_row(
            shown(subject(row), "bold"),
            work(row),
            shown(row["state"]),
            shown(row["stage"]),
            _done(row),
            shown(trouble(row)),
            shown(row["id"]),
        )
    out().print(shows)


def _done(job: Job) -> str:
    progress = job["progress"]
    return amount(job["stage"], **progress) if progress["total"] else ""
