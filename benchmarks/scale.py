"""A registry of many models: how soon its index is ready, what it finds, how fast it answers.

Client, service and database share the cores. `tiny` is for tests; `small` is 100,000 entries,
`large` a million.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
from numpy.typing import NDArray

from app.dna.scores import unit_rows
from app.search.candidates import Candidates
from app.search.policy import FLAT_MOST
from app.search.snapshots import Shelf
from app.search.view import View
from app.store import installation, protocols
from app.store.database import Database
from app.store.dna_blocks import dna_blocks
from benchmarks.figures import Figure, say
from benchmarks.groups import Options
from benchmarks.http_load import Load, load
from benchmarks.processes import Service, service
from benchmarks.scale_entries import WIDTH, fill, grown_vectors, protocol
from benchmarks.scale_search import (
    PROPOSED,
    Pgvector,
    exact,
    has_pgvector,
    microseconds,
    ours,
    raw_faiss,
    recall,
)
from benchmarks.servers import fresh_registry

F32 = NDArray[np.float32]

ENTRIES = {"tiny": 1_000, "small": 100_000, "large": 1_000_000}
QUERIES = {"tiny": 20, "small": 500, "large": 500}
REQUESTS = {"tiny": 40, "small": 3000, "large": 3000}
WARM = 100
CONNECTIONS = 16
# Of the service, on one database and a core each: Python runs one thread at a time.
PROCESSES = 2
PATIENCE_S = 600.0


def figures(options: Options) -> Iterator[Figure]:
    """All of the index at scale; nothing, and a word, without a PostgreSQL server."""
    n, size = options.models or ENTRIES[options.size], options.size
    with fresh_registry() as url, tempfile.TemporaryDirectory() as folder:
        if url is None:
            return
        vectors = grown_vectors(n, options.seed)
        fill(url, vectors, options.seed)
        facts = {"entries": n, "width": WIDTH, "seed": options.seed}
        yield from _starts(url, Path(folder), facts)
        yield from _search(url, Path(folder), QUERIES[size], facts)
        with ExitStack() as stack:
            several = [
                stack.enter_context(
                    service(Path(folder), worker=False, database_url=url, core=core)
                )
                for core in range(PROCESSES)
            ]
            for served in several:
                _ready_s(served, 1)
            yield from _answers(several, n, REQUESTS[size], facts)


def _starts(url: str, folder: Path, facts: dict[str, Any]) -> Iterator[Figure]:
    """Seconds from the program's start to an answer: the first builds the index, the second finds
    it on disk.
    """
    began = time.monotonic()
    with service(folder, worker=False, database_url=url) as served:
        _ready_s(served, 1)
        yield Figure("scale.first_ready_s", time.monotonic() - began, "s", facts)
        _wait_for(folder / "index", facts["entries"])
    began = time.monotonic()
    with service(folder, worker=False, database_url=url) as served:
        _ready_s(served, 1)
        yield Figure("scale.ready_s", time.monotonic() - began, "s", facts)
        yield Figure("scale.index_gb", served.peak_mb / 1024, "GiB", facts)


def _ready_s(served: Service, number: int) -> None:
    """Return when the service tells relatives."""
    began = time.monotonic()
    with httpx2.Client(base_url=served.url, timeout=120, trust_env=False) as http:
        while True:
            answer = http.get(f"/v1/relatives?model=m{number}")
            if answer.status_code == httpx2.codes.OK:
                return
            if time.monotonic() - began > PATIENCE_S:
                answer.raise_for_status()


def _wait_for(folder: Path, n: int) -> None:
    """Until a large index is on disk, too."""
    until = time.monotonic() + PATIENCE_S
    while n > FLAT_MOST and not list(folder.glob("*.index")) and time.monotonic() < until:
        time.sleep(0.1)


def _search(url: str, folder: Path, n_queries: int, facts: dict[str, Any]) -> Iterator[Figure]:
    database = Database(url)
    shelf = Shelf(folder / "index", installation.secret(database, "index"))
    candidates = Candidates(shelf, PATIENCE_S)
    with database.read() as session:
        stored = protocols.get(session, protocol().name)
        view = candidates.current(session, stored)
        blocks = dna_blocks(session, stored.digest, WIDTH, 0, view.seen)
        dna = np.concatenate([block for _, block in blocks])
    candidates.close()
    database.close()
    rows = np.random.default_rng(7).permutation(len(dna))[:n_queries]
    # Near an entry, not an entry itself, whose first neighbour would be no question.
    noise = np.random.default_rng(8).normal(0, 0.3, (n_queries, WIDTH)).astype(np.float32)
    yield from _compared(url, view, dna, dna[rows] + noise, facts)


def _compared(
    url: str, view: View, dna: F32, asked: F32, facts: dict[str, Any]
) -> Iterator[Figure]:
    vectors, directions = unit_rows(dna - view.centre), unit_rows(asked - view.centre)
    truth = exact(vectors, directions)
    mine = ours(view)
    found = recall(mine, directions, truth)
    yield Figure("scale.recall", found, "share", {**facts, "proposed": PROPOSED})
    theirs = raw_faiss(view, vectors)
    raw_us, us = microseconds(theirs, directions), microseconds(mine, directions)
    against = {**facts, "proposed": PROPOSED, "raw_faiss_us": raw_us, "ratio": us / raw_us}
    yield Figure("scale.search_us", us, "us", against)
    if not has_pgvector(url):
        return
    say("pgvector builds its index ...")
    peer = Pgvector(url, vectors)
    ef, peer_found = peer.tuned(directions, truth)
    peer_us, us = microseconds(peer.find, directions), microseconds(mine, directions)
    peer_facts = {"pgvector_us": peer_us, "pgvector_recall": peer_found, "ef_search": ef}
    more = {"search_us": us, "pgvector_build_s": peer.build_s}
    yield Figure(
        "scale.search_vs_pgvector", peer_us / us, "times faster", facts | peer_facts | more
    )
    peer.connection.close()


def _answers(
    several: Sequence[Service], n: int, n_requests: int, facts: dict[str, Any]
) -> Iterator[Figure]:
    rng, urls = np.random.default_rng(9), [served.url for served in several]

    def paths(count: int) -> list[str]:
        return [f"/v1/relatives?model=m{number}" for number in rng.integers(n, size=count)]

    load(urls, paths(WARM), CONNECTIONS)
    before = sum(served.cpu_s for served in several)
    some = load(urls, paths(n_requests), CONNECTIONS)
    spent = sum(served.cpu_s for served in several) - before
    each = {"processes": len(several), "server_cpu_ms": spent / n_requests * 1000}
    more = {**facts, "connections": CONNECTIONS, "requests": n_requests, **each}
    yield Figure("scale.relatives_p50_ms", some.quantile(0.5), "ms", more)
    yield Figure("scale.relatives_p99_ms", some.quantile(0.99), "ms", more)
    yield Figure("load.relatives_rps", some.rps, "1/s", more)
    yield Figure("load.relatives_p99_ms", some.quantile(0.99), "ms", more)
    cached, path = _cached(urls, n_requests)
    yield Figure("load.cached_rps", cached.rps, "1/s", {**more, "path": path})


def _cached(urls: Sequence[str], n_requests: int) -> tuple[Load, str]:
    """GETs that name the ETag of what they have: 304 each time."""
    path = "/v1/relatives?model=m1"
    with httpx2.Client(base_url=urls[0], timeout=120, trust_env=False) as http:
        tag = http.get(path).headers["etag"]
    return load(urls, [path] * n_requests, CONNECTIONS, tag, httpx2.codes.NOT_MODIFIED), path
