"""Health and readiness."""

from fastapi import FastAPI
from starlette.testclient import TestClient

from app.store import schema
from app.store.database import Database
from tests.api.test_problems import problem_of


def test_alive(reader: TestClient) -> None:
    assert reader.get("/healthz").json() == {"status": "ok"}


def test_ready(reader: TestClient, shared_registry: Database) -> None:
    reader.get("/v1/relatives?model=founder&protocol=likelihood-v1")
    body = reader.get("/readyz").json()
    index = body.pop("index")
    assert body == {
        "status": "ready",
        "schema": schema.head(),
        "database": "sqlite" if shared_registry.is_sqlite else "postgresql",
    }
    assert 3 in index.values()


def test_alive_but_not_ready_without_tables(app: FastAPI, sqlite_url: str) -> None:
    app.state.runtime.database.close()
    empty = Database(sqlite_url.replace("genebank", "empty"))
    app.state.runtime.database = empty
    with TestClient(app) as client:
        response = client.get("/readyz")
        problem_of(response, 503, "no_schema")
        assert int(response.headers["retry-after"]) > 0
        problem_of(client.get("/v1/models"), 503, "no_schema")
        assert client.get("/healthz").status_code == 200
    empty.close()
