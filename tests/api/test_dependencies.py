"""The transaction of a request ends before its answer goes out."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.api.dependencies import Reading, Writing
from app.records import ModelRef
from app.store import models
from app.store.database import Database


async def ask(app: FastAPI, path: str, look: Any) -> list[Any]:
    """GET a path by bare ASGI; returns what `look` sees whenever a message is sent."""
    seen: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: dict[str, Any]) -> None:
        seen.append((message.get("status"), await asyncio.to_thread(look)))

    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
    await app(scope, receive, send)  # type: ignore[arg-type]
    return seen


@pytest.fixture
def writing(app: FastAPI, database: Database) -> FastAPI:
    with database.write() as session:
        models.register(session, ModelRef("local", "old", "0"))

    def rename(session: Writing) -> None:
        session.execute(text("UPDATE models SET name = 'renamed'"))

    def break_down(session: Writing) -> None:
        rename(session)
        raise RuntimeError

    def rename_reading(session: Reading) -> None:
        rename(session)

    for route in (rename, break_down, rename_reading):
        app.add_api_route(f"/{route.__name__}", route)
    return app


@pytest.mark.parametrize(
    ("path", "status", "committed"),
    [("/rename", 200, True), ("/break_down", 500, False), ("/rename_reading", 200, False)],
)
def test_committed_before_the_first_byte(
    writing: FastAPI, database: Database, path: str, status: int, *, committed: bool
) -> None:
    def is_renamed() -> bool:
        with database.read() as session:
            [model] = models.page(session, None, 50)
        return model.name == "renamed"

    seen = asyncio.run(ask(writing, path, is_renamed))
    writing.state.runtime.database.close()
    assert seen[0] == (status, committed)
