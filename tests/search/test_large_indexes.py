"""Large indexes: built beside the requests, kept on disk, and never ahead of the database.

`large` here begins at 40 entries.
"""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from app.dna.protocol import Protocol, reported_vectors
from app.dna.reference import Reference
from app.errors import SetupError
from app.search import building, candidates, policy, view
from app.search.among import Among
from app.search.candidates import Candidates
from app.search.engine.lists import ListsIndex
from app.search.policy import Shape
from app.search.snapshots import Shelf
from app.store import references, withdrawals
from app.store.database import Database
from tests.store.making import add_vectors

F64 = npt.NDArray[np.float64]
WIDTH = 12
LARGE = 40
KEY = b"k" * 32
PROTOCOL = reported_vectors("large", WIDTH)
SOON_S = 20.0


@pytest.fixture(autouse=True)
def _small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (building, candidates, view):
        monkeypatch.setattr(module, "FLAT_MOST", LARGE)
    monkeypatch.setattr(policy, "SHAPES", (Shape(most=10**6, lists=4, probed=4),))
    monkeypatch.setattr(candidates, "PAUSE_S", 0.0)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "index", KEY)


@pytest.fixture
def opened(shelf: Shelf) -> Iterator[list[Candidates]]:
    """Indexes that are closed at the end, whatever still runs."""
    made: list[Candidates] = []
    yield made
    for one in made:
        one.close()


def rows_of(n: int, seed: int = 0) -> F64:
    return np.random.default_rng(seed).normal(size=(n, WIDTH)) + 1


def index(opened: list[Candidates], shelf: Shelf | None, patience_s: float = SOON_S) -> Candidates:
    opened.append(Candidates(shelf, patience_s))
    return opened[-1]


def nearest(database: Database, one: Candidates, query: F64, k: int = 200) -> list[int]:
    with database.read() as session:
        return one.nearest(session, PROTOCOL, query.astype(np.float32), k).tolist()


def settled(database: Database, one: Candidates) -> ListsIndex:
    """The main index, when it holds all that there is."""
    until = time.monotonic() + SOON_S
    while time.monotonic() < until:
        nearest(database, one, np.ones(WIDTH))
        found = one._views[PROTOCOL.digest]
        if isinstance(found.main, ListsIndex) and not one._builds:
            return found.main
        time.sleep(0.01)
    raise AssertionError("never built")


def is_there(one: Candidates) -> bool:
    """Whether there is an index, soon."""
    until = time.monotonic() + SOON_S
    while not one.sizes() and time.monotonic() < until:
        time.sleep(0.01)
    return bool(one.sizes())


def saved(tmp_path: Path) -> Path:
    until = time.monotonic() + SOON_S
    while time.monotonic() < until:
        for path in (tmp_path / "index").glob("*.index"):
            return path
        time.sleep(0.01)
    raise AssertionError("never saved")


def test_the_first_request_waits_and_all_is_found(
    database: Database, opened: list[Candidates], shelf: Shelf
) -> None:
    rows = rows_of(60)
    seqs = [entry.seq for entry in add_vectors(database, PROTOCOL, rows)]
    one = index(opened, shelf)
    found = nearest(database, one, rows[7])
    assert found[0] == seqs[7]
    assert sorted(found) == seqs
    assert one.sizes() == {PROTOCOL.digest: 60}
    assert one.memory()[PROTOCOL.digest] > 60 * 2 * WIDTH
    more = [entry.seq for entry in add_vectors(database, PROTOCOL, rows_of(5, 1), "m")]
    assert sorted(nearest(database, one, rows[7])) == seqs + more
    assert sorted(nearest_among(database, one, rows[7], [3, 5, more[0]])) == [3, 5, more[0]]


def nearest_among(database: Database, one: Candidates, query: F64, seqs: list[int]) -> list[int]:
    with database.read() as session:
        among = Among(np.array(seqs))
        return one.nearest(session, PROTOCOL, query.astype(np.float32), 50, among).tolist()


def test_a_start_finds_the_index_on_disk(
    database: Database,
    opened: list[Candidates],
    shelf: Shelf,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = rows_of(60)
    add_vectors(database, PROTOCOL, rows)
    before = nearest(database, index(opened, shelf), rows[3])
    saved(tmp_path)
    add_vectors(database, PROTOCOL, rows_of(3, 1), "m")
    monkeypatch.setattr(building, "build", None)
    after = nearest(database, index(opened, shelf), rows[3])
    assert [seq for seq in after if seq <= 60] == before
    assert len(after) == 63


def test_an_index_on_disk_brings_back_nothing_that_was_withdrawn(
    database: Database, opened: list[Candidates], shelf: Shelf, tmp_path: Path
) -> None:
    rows = rows_of(60)
    added = add_vectors(database, PROTOCOL, rows)
    nearest(database, index(opened, shelf), rows[3])
    saved(tmp_path)
    with database.write() as session:
        for entry in added[:20]:
            withdrawals.withdraw(session, entry.model_id, "forged")
    found = nearest(database, index(opened, shelf), rows[3])
    assert sorted(found) == [entry.seq for entry in added[20:]]


@pytest.mark.parametrize("kind", ["damaged", "foreign", "another history"])
def test_what_is_not_of_this_database_is_built_anew(
    database: Database,
    opened: list[Candidates],
    shelf: Shelf,
    tmp_path: Path,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = rows_of(60)
    add_vectors(database, PROTOCOL, rows)
    nearest(database, index(opened, shelf), rows[3])
    path = saved(tmp_path)
    if kind == "damaged":
        path.write_bytes(path.read_bytes()[:-1] + b"\0\0")
    elif kind == "foreign":
        shelf = Shelf(path.parent, b"x" * 32)
    else:
        monkeypatch.setattr(building, "id_of", lambda session, seq: f"ent_{seq}")
    built: list[Protocol] = []
    real = building.build

    def counted(*words: object) -> building.Main:
        built.append(PROTOCOL)
        return real(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(building, "build", counted)
    assert len(nearest(database, index(opened, shelf), rows[3])) == 60
    assert built


def test_a_new_reference_is_served_when_its_index_is_there(
    database: Database, opened: list[Candidates], shelf: Shelf
) -> None:
    rows = rows_of(60)
    add_vectors(database, PROTOCOL, rows)
    one = index(opened, shelf)
    old = nearest(database, one, rows[3])
    mean = rows.mean(axis=0).reshape(PROTOCOL.shape).astype("f4")
    with database.write() as session:
        references.add(session, Reference(PROTOCOL.digest, 1, 60, mean))
    assert nearest(database, one, rows[3]) == old  # meanwhile
    changes = one.changes
    settled(database, one)
    assert one._views[PROTOCOL.digest].version == 1
    assert one.changes > changes
    assert nearest(database, one, rows[3]) != old
    again = index(opened, shelf)  # of either version, as it comes
    settled(database, again)
    assert nearest(database, again, rows[3]) == nearest(database, one, rows[3])


def test_much_that_is_new_is_built_beside_the_old(
    database: Database, opened: list[Candidates], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = rows_of(60)
    add_vectors(database, PROTOCOL, rows)
    one = index(opened, None)
    nearest(database, one, rows[3])
    go, real = threading.Event(), building.build

    def held(*words: object) -> building.Main:
        go.wait(SOON_S)
        return real(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(building, "build", held)
    seqs = [e.seq for e in add_vectors(database, PROTOCOL, rows_of(LARGE + 5, 1), "m")]
    assert len(nearest(database, one, rows[3])) == 60
    assert one.is_behind(seqs[0])
    assert not one.is_behind(60)
    go.set()
    assert len(settled(database, one)) == 60 + len(seqs)
    assert not one.is_behind(seqs[-1])
    assert len(nearest(database, one, rows[3])) == 60 + len(seqs)


def test_a_build_that_fails_is_told_and_tried_again(
    database: Database, opened: list[Candidates], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_vectors(database, PROTOCOL, rows_of(60))
    one = index(opened, None)
    with monkeypatch.context() as patch:
        patch.setattr(building, "build", None)
        with pytest.raises(SetupError, match="being built"):
            nearest(database, one, np.ones(WIDTH))
    assert len(settled(database, one)) == 60


def test_nobody_waits_longer_than_patience(
    database: Database, opened: list[Candidates], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_vectors(database, PROTOCOL, rows_of(60))
    go, real = threading.Event(), building.build

    def held(*words: object) -> building.Main:
        go.wait(SOON_S)
        return real(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(building, "build", held)
    one = index(opened, None, patience_s=0.01)
    with pytest.raises(SetupError, match="try again"):
        nearest(database, one, np.ones(WIDTH))
    go.set()
    assert is_there(one)
    assert len(nearest(database, one, np.ones(WIDTH))) == 60


def test_a_server_makes_its_indexes_at_the_start_and_ends_while_it_does(
    database: Database, opened: list[Candidates]
) -> None:
    add_vectors(database, PROTOCOL, rows_of(60))
    one, other = index(opened, None), index(opened, None)
    one.warm(database)
    assert is_there(one)
    assert one.sizes() == {PROTOCOL.digest: 60}
    other.warm(database)
    other.close()
    assert not any(thread.is_alive() for thread in other._threads)
