"""What is known to be as it was is not made again, and nothing else is taken for it."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.testclient import TestClient

from app.api import freshness
from app.api.freshness import Freshness, Remembered
from app.errors import SetupError
from tests.api.test_etags import PATHS


@pytest.mark.parametrize("path", PATHS)
def test_it_is_so_time_and_again(reader: TestClient, path: str) -> None:
    first = reader.get(path)
    known = {"If-None-Match": first.headers["etag"]}
    for _ in range(4):
        again = reader.get(path, headers=known)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert "content-type" not in again.headers
        assert "content-length" not in again.headers
    other = reader.get(path, headers={"If-None-Match": '"another"'})
    assert other.content == first.content


def test_until_something_is_written(client: TestClient, model_ref: str) -> None:
    tag = client.get("/v1/models").headers["etag"]
    for _ in range(3):
        assert client.get("/v1/models", headers={"If-None-Match": tag}).status_code == 304
    assert client.post("/v1/models", json={"model": model_ref}).status_code == 202
    after = client.get("/v1/models", headers={"If-None-Match": tag})
    assert after.status_code == 200
    assert after.json()["data"]


def test_what_was_remembered_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freshness, "KEPT", 2)
    fresh = Freshness()
    for key in ("a", "b", "c"):
        fresh.remember((key,), Remembered("s", key, None))
    assert fresh.recall(("a",), "s") is None
    assert fresh.recall(("b",), "other") is None
    found = fresh.recall(("b",), "s")
    assert found is not None
    assert found.tag == "b"
    monkeypatch.setattr(freshness, "KEPT_S", -1.0)
    assert fresh.recall(("b",), "s") is None


class Counted:
    """A state that takes a while to read."""

    def __init__(self) -> None:
        self.reads = 0
        self.broken = False

    def read(self) -> str:
        import time

        self.reads += 1
        mine = self.reads
        time.sleep(0.05)
        if self.broken:
            raise SetupError("database_unavailable", "It is away.")
        return str(mine)


def test_many_share_a_reading_that_began_after_they_came() -> None:
    state = Counted()
    runtime = cast("Any", SimpleNamespace(state=state, candidates=SimpleNamespace(changes=7)))

    async def ask() -> list[str | None]:
        fresh = Freshness()
        first = asyncio.create_task(fresh.state(runtime))
        await asyncio.sleep(0.02)
        rest = [asyncio.create_task(fresh.state(runtime)) for _ in range(20)]
        return list(await asyncio.gather(first, *rest))

    first, *rest = asyncio.run(ask())
    assert first == "1 7"
    assert set(rest) == {"2 7"}
    assert state.reads == 2
    state.broken = True
    assert asyncio.run(Freshness().state(runtime)) is None
