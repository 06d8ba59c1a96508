"""`genebank workers`: who works, on what, since when; and what waits."""

import json
from datetime import UTC, datetime
from typing import Any

from rich.text import Text

from app.cli.console import emit_json, out, say, shown, table
from app.cli.figures import duration
from app.cli.options import AsJson, Server

Row = dict[str, Any]
Cell = Text | str


def workers(server: Server = None, as_json: AsJson = False) -> None:
    """List the workers that are there with their jobs, and the queues with what waits.

    Example:
      genebank workers --server http://127.0.0.1:8321
    """
    from app.cli.client import connect

    with connect(server) as client:
        answer = client.get("/v1/workers").data
    if as_json:
        emit_json(json.dumps(answer, ensure_ascii=False))
        return
    if answer["data"]:
        _show_workers(answer["data"])
        out().print()
    else:
        say("No worker is there: `genebank worker` starts one, and `genebank serve` may be one.")
    _show_queues(answer["queues"])


def _show_workers(rows: list[Row]) -> None:
    shows = table(["worker", "queues", "slots", "state", "up for", "model", "stage", "for", "job"])
    for row in rows:
        name = shown(f"{row['host']}:{row['pid']}", "bold")
        state = "draining" if row["draining"] else "working" if row["jobs"] else "idle"
        queues, up_for = shown(",".join(row["queues"])), _ago(row["started_at"])
        about: list[Cell] = [name, queues, str(row["slots"]), state, up_for]
        for work in row["jobs"] or [None]:
            shows.add_row(*about, *_work(work))
            about = [""] * len(about)
    out().print(shows)


def _work(work: Row | None) -> list[Cell]:
    if work is None:
        return [""] * 4
    model = work["model"]["name"] if work["model"] else "all of a protocol"
    return [shown(model), shown(work["stage"]), _ago(work["since"]), shown(work["job"])]


def _show_queues(rows: list[Row]) -> None:
    numbers = ["queued", "running", "workers"]
    shows = table(["queue", *numbers, "oldest waits"], numbers)
    for row in rows:
        waits = duration(row["oldest_due_s"]) if row["queued"] else ""
        shows.add_row(shown(row["name"], "bold"), *(str(row[name]) for name in numbers), waits)
    out().print(shows)
    for row in rows:
        if row["queued"] and not row["workers"]:
            say(f"No worker serves queue {row['name']}, where jobs wait.")


def _ago(moment: str) -> str:
    return duration((datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds())
