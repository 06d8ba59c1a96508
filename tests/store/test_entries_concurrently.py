"""Entries are numbered in the order of their commits, without gaps, whoever writes."""

import random
import threading
import time

import numpy as np
import pytest

from app.dna.protocol import Protocol, reported_vectors
from app.store import entries, protocols
from app.store.database import Database
from app.store.dna_blocks import dna_blocks
from tests.store.making import make_finding, make_model
from tests.store.threads import at_once

WRITERS = 4
TRANSACTIONS = 8
PROTOCOL = reported_vectors("mine", 4)


class Undone(Exception):  # noqa: N818 - what a test does to itself
    pass


@pytest.fixture
def protocol(database: Database) -> Protocol:
    with database.write() as session:
        return protocols.ensure(session, PROTOCOL)


def write(database: Database, protocol: Protocol, writer: int) -> list[int]:
    """Write transactions of several entries, some undone; return the numbers committed."""
    rng = random.Random(writer)  # noqa: S311 - a repeatable mess, not a secret
    committed = []
    for number in range(TRANSACTIONS):
        try:
            with database.write() as session:
                labels = [f"{writer}.{number}.{i}" for i in range(rng.randint(1, 3))]
                findings = [
                    make_finding(make_model(session, label), protocol, [[1.0, 2.0, 3.0, writer]])
                    for label in labels
                ]
                time.sleep(rng.random() / 500)
                added = entries.add(session, findings)
                time.sleep(rng.random() / 500)
                if rng.random() < 0.3:
                    raise Undone
        except Undone:
            continue
        committed += [entry.seq for entry, _ in added]
    return committed


def test_numbers_have_no_gaps_and_a_tail_misses_nothing(
    database: Database, protocol: Protocol
) -> None:
    written = threading.Event()
    seen: list[int] = []

    def tail() -> None:
        ends = False
        while not ends:
            ends = written.is_set()  # before the look, so that the last look sees all
            with database.read() as session:
                last = seen[-1] if seen else 0
                blocks = [
                    seqs.tolist()
                    for seqs, _ in dna_blocks(session, protocol.digest, 4, last, last + 5)
                ]
            found = [seq for block in blocks for seq in block]
            # What is seen first is all there is below: nothing commits behind a reader's back.
            assert found == list(range(last + 1, last + 1 + len(found)))
            seen.extend(found)
            ends = ends and not found

    reader = threading.Thread(target=tail)
    reader.start()
    committed = at_once(lambda writer: write(database, protocol, writer), WRITERS)
    written.set()
    reader.join(30)
    everything = sorted(seq for mine in committed for seq in mine)
    assert everything == list(range(1, len(everything) + 1))
    assert seen == everything
    assert all(mine == sorted(mine) for mine in committed)


def test_one_content_that_many_find_at_once_has_one_entry(
    database: Database, protocol: Protocol
) -> None:
    with database.write() as session:
        model = make_model(session, "m")
    rows = np.random.default_rng(0).normal(size=(WRITERS, 4))

    def work(writer: int) -> tuple[str, bool]:
        with database.write() as session:
            finding = make_finding(model, protocol, [rows[writer].tolist()])
            [(entry, is_new)] = entries.add(session, [finding])
        return entry.id, is_new

    stored = at_once(work, WRITERS)
    assert len({entry_id for entry_id, _ in stored}) == 1
    assert sum(is_new for _, is_new in stored) == 1
