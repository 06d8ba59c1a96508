"""While the database is away requests are answered 503, and served when it is back."""

from pathlib import Path

from sqlalchemy import make_url
from starlette.testclient import TestClient

from app.store import schema
from app.store.database import Database
from tests import postgres
from tests.api.conftest import make_app
from tests.api.test_problems import problem_of
from tests.store.proxy import proxied

ASKED = [("GET", "/v1/models"), ("GET", "/v1/jobs"), ("GET", "/readyz"), ("GET", "/v1/export")]


def test_it_is_said_when_to_ask_again(postgres_server: str, tmp_path: Path, model_ref: str) -> None:
    with postgres.fresh_database(postgres_server) as straight:
        at = make_url(straight)
        with proxied(at.host or "127.0.0.1", at.port or 5432) as proxy:
            url = at.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
            database = Database(url)
            schema.upgrade(database)
            posted = {"model": model_ref}
            with TestClient(make_app(database, tmp_path)) as client:
                assert client.get("/v1/models").status_code == 200
                proxy.cut()
                for method, path in ASKED:
                    answer = client.request(method, path)
                    problem_of(answer, 503, "database_unavailable")
                    assert int(answer.headers["retry-after"]) > 0
                answer = client.post("/v1/models", json=posted)
                problem_of(answer, 503, "database_unavailable")
                assert client.get("/healthz").status_code == 200
                proxy.mend()
                for method, path in ASKED:
                    assert client.request(method, path).status_code == 200
                assert client.post("/v1/models", json=posted).status_code == 202
            database.close()
