"""`genebank models`: what is registered."""

from app.cli.console import emit_json, out, shown, table
from app.cli.options import AsJson, Limit, Server
from app.cli.pages import collect, rows_json


def models(limit: Limit = 50, server: Server = None, as_json: AsJson = False) -> None:
    """List the registered models, oldest first.

    Example:
      genebank models --limit 200
    """
    from app.cli.client import connect

    with connect(server) as client:
        rows = collect(client, "/v1/models", limit)
    if as_json:
        emit_json(rows_json(rows))
        return
    shows = table(["model", "source", "fingerprint of", "registered", "id"])
    for row in rows:
        shows.add_row(
            shown(row["name"], "bold"),
            shown(row["source"]),
            shown((row["digest"] or "not read yet")[:12]),
            shown(row["created_at"][:19].replace("T", " ")),
            shown(row["id"]),
        )
    out().print(shows)
