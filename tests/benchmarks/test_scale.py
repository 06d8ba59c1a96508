"""The registry that figures at scale are measured on, and what measures them."""

import asyncio
from collections.abc import Iterator

import numpy as np
import pytest

from app.dna.scores import unit_rows
from app.errors import SetupError
from app.search.candidates import Candidates
from app.services.filters import Filter, passing_entries
from app.store import models, protocols, references, schema
from app.store.database import Database
from benchmarks.http_load import Load, _load
from benchmarks.scale_entries import FAMILY, LEVELS, WIDTH, fill, grown_vectors, protocol
from benchmarks.scale_search import K, exact, ours, recall
from tests import postgres

N = 300


@pytest.fixture(scope="module")
def filled(postgres_server: str) -> Iterator[Database]:
    with postgres.fresh_database(postgres_server) as url:
        database = Database(url)
        schema.upgrade(database)
        fill(url, grown_vectors(N, 1), 1)
        yield database
        database.close()


def test_tips_that_lie_beside_each_other_are_near() -> None:
    vectors = grown_vectors(N, 1)
    assert vectors.shape == (N, WIDTH)
    assert np.array_equal(vectors, grown_vectors(N, 1))
    units = unit_rows(vectors - vectors.mean(axis=0))
    beside = (units[1:] * units[:-1]).sum(axis=1).mean()
    apart = (units[N // 2 :] * units[: N - N // 2]).sum(axis=1).mean()
    assert beside > apart + 0.3


def test_it_is_a_registry_like_others(filled: Database) -> None:
    with filled.read() as session:
        stored = protocols.get(session, protocol().name)
        assert references.latest(session, stored).n_models == N
        view = Candidates().current(session, stored)
        assert view.size == N
        levels = [
            len(passing_entries(session, stored, Filter(evidence=level), view)) for level in LEVELS
        ]
        assert sum(levels) == N
        family = passing_entries(session, stored, Filter(family="m0"), view)
        assert FAMILY / 3 < len(family) <= FAMILY
        found = models.find(session, "m7")
        assert models.claims_of(session, found.id) is not None


def test_exact_search_and_recall(filled: Database) -> None:
    with filled.read() as session:
        view = Candidates().current(session, protocols.get(session, protocol().name))
    [part] = view.parts
    vectors = part.vectors(np.arange(N))
    truth = exact(vectors, vectors[:20])
    assert truth.shape == (20, K)
    assert truth[:, 0].tolist() == list(range(20))
    assert recall(ours(view), vectors[:20], truth) == 1
    assert recall(lambda _: [], vectors[:20], truth) == 0


def test_quantiles_and_rates() -> None:
    some = Load([float(ms) for ms in range(100, 0, -1)], wall_s=4.0)
    assert (some.rps, some.quantile(0.5), some.quantile(0.99)) == (25, 51, 100)


def test_a_load_asks_for_every_path_once() -> None:
    asked: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readline():
            while await reader.readline() != b"\r\n":
                pass
            asked.append(head.split()[1].decode())
            status = b"200 OK" if head.split()[1] != b"/bad" else b"500 No"
            writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\n\r\nok")
        writer.close()

    async def run(paths: list[str]) -> Load:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await _load([f"http://127.0.0.1:{port}"] * 2, paths, 3, ("", 200))

    paths = [f"/{number}" for number in range(10)]
    assert len(asyncio.run(run(paths)).ms) == 10
    assert sorted(asked) == sorted(paths)
    with pytest.raises(SetupError, match="/bad"):
        asyncio.run(run(["/bad"]))
