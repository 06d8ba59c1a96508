"""Lists that the API gives page by page."""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.cli.client import Client

LARGEST_PAGE = 200


def collect(client: "Client", path: str, limit: int, **query: object) -> list[dict[str, Any]]:
    """Return up to `limit` rows of a list, over as many pages as it takes."""
    rows: list[dict[str, Any]] = []
    cursor: str | None = None
    while len(rows) < limit:
        size = min(limit - len(rows), LARGEST_PAGE)
        page = client.get(path, limit=size, cursor=cursor, **query).data
        rows += page["data"]
        cursor = page.get("next_cursor")
        if cursor is None:
            break
    return rows


def rows_json(rows: list[dict[str, Any]]) -> str:
    """Return collected rows as the JSON of one page."""
    return json.dumps({"data": rows}, ensure_ascii=False)
