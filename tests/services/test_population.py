"""References are frozen at thirty models, and anew after growth by a tenth; once each."""

import threading
import time

import numpy as np
import pytest

from app.dna.protocol import Protocol, reported_vectors
from app.dna.reference import Reference
from app.services.population import refresh_references
from app.store import protocols, references
from app.store.database import Database
from tests.store.making import add_vectors
from tests.store.threads import at_once

MINE, OTHER = reported_vectors("mine", 4), reported_vectors("other", 4)


def version(database: Database, protocol: Protocol) -> tuple[int, int]:
    with database.read() as session:
        latest = references.latest(session, protocols.get(session, protocol.digest))
        assert references.latest_version(session, protocol.digest) == latest.version
        return latest.version, latest.n_models


def test_a_population_is_frozen_when_it_has_grown_enough(database: Database) -> None:
    rows = np.random.default_rng(0).normal(size=(33, 4))
    add_vectors(database, OTHER, rows[:5])
    steps = {29: (0, 0), 30: (1, 30), 32: (1, 30), 33: (2, 33)}
    have = 0
    for n, wanted in steps.items():
        add_vectors(database, MINE, rows[have:n], f"{n}.")
        have, before = n, version(database, MINE)
        frozen = refresh_references(database)
        assert version(database, MINE) == wanted
        assert frozen == ([("mine", wanted[0])] if wanted != before else [])
        assert refresh_references(database) == []
    assert version(database, OTHER) == (0, 0)
    with database.read() as session:
        mean = references.latest(session, MINE).mean
    assert mean == pytest.approx(rows.mean(axis=0)[None], abs=1e-6)


def test_many_who_refresh_at_once_freeze_one_version(database: Database) -> None:
    add_vectors(database, MINE, np.random.default_rng(1).normal(size=(30, 4)))
    frozen = at_once(lambda _: refresh_references(database), 5)
    assert sorted(map(len, frozen)) == [0, 0, 0, 0, 1]
    assert version(database, MINE) == (1, 30)


def test_another_process_that_was_first_is_no_error(database: Database) -> None:
    add_vectors(database, MINE, np.random.default_rng(1).normal(size=(30, 4)))
    written = threading.Event()

    def other() -> list[tuple[str, int]]:
        with database.write() as session:
            mean = np.zeros(MINE.shape, dtype=np.float32)
            references.add(session, Reference(MINE.digest, 1, 30, mean))
            written.set()
            time.sleep(0.3)  # until the refresh waits for this row
        return []

    def refresh() -> list[tuple[str, int]]:
        assert written.wait(10)
        return refresh_references(database)

    assert at_once(lambda number: (other, refresh)[number](), 2) == [[], []]
    assert version(database, MINE) == (1, 30)


def test_an_empty_registry_has_nothing_to_freeze(database: Database) -> None:
    assert refresh_references(database) == []
