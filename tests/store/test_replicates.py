"""Replicates: kept beside the entry that they repeat; the first one of a number stays."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.dna.protocol import reported_vectors
from app.errors import NotFoundError, SetupError
from app.records import EntryRecord
from app.store import entries, jobs, models, protocols, replicates
from app.store.database import Database
from app.store.entries import Finding
from tests.store.making import answers_protocol, make_finding, make_model

QUICK = settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
VECTORS = reported_vectors("vectors", 4)
ROW = st.lists(st.floats(-(2.0**100), 2.0**100, width=32), min_size=4, max_size=4).filter(any)
labels = (f"m{number}" for number in itertools.count())


def finding(database: Database, label: str, row: Sequence[float]) -> Finding:
    """What one more run of a model found, whose content is named by its label."""
    with database.write() as session:
        protocol = protocols.ensure(session, VECTORS)
        return make_finding(make_model(session, label), protocol, [list(row)])


def entered(database: Database, first: Finding) -> EntryRecord:
    with database.write() as session:
        [(entry, _)] = entries.add(session, [first])
    return entry


def kept(database: Database, entry: EntryRecord) -> list[list[float]]:
    with database.read() as session:
        strands = replicates.strands(session, VECTORS, entry)
    assert (strands.dtype, strands.shape[1:]) == (np.float32, VECTORS.shape)
    rows: list[list[float]] = strands[:, 0].tolist()
    return rows


@QUICK
@given(rows=st.dictionaries(st.integers(1, 20), ROW, max_size=5))
def test_they_come_back_by_number(database: Database, rows: dict[int, list[float]]) -> None:
    label = next(labels)
    first = finding(database, label, [1.0, 2.0, 3.0, 4.0])
    entry = entered(database, first)
    for number, row in rows.items():
        again = finding(database, label, row)
        with database.write() as session:
            replicates.add(session, number, [again])
            assert replicates.protocols_of(session, first.model, number) == {VECTORS.digest}
    assert kept(database, entry) == [rows[number] for number in sorted(rows)]
    with database.read() as session:
        assert replicates.protocols_of(session, first.model, 21) == set()
        [strand] = entries.strands(session, VECTORS, [entry])
    assert strand[0].tolist() == [1, 2, 3, 4], "the entry stays as it was"


def test_the_first_of_a_number_stays(database: Database) -> None:
    entry = entered(database, finding(database, "m", [1, 0, 0, 0]))
    for row in ([0, 1, 0, 0], [0, 0, 1, 0]):
        again = finding(database, "m", row)
        with database.write() as session:
            replicates.add(session, 1, [again])
    assert kept(database, entry) == [[0, 1, 0, 0]]


def test_copies_share_them(database: Database) -> None:
    first = finding(database, "m", [1, 0, 0, 0])
    entry = entered(database, first)
    with database.write() as session:
        copy = make_model(session, "copy", digest=first.model.digest)
        again = make_finding(copy, first.protocol, [[0.0, 1.0, 0.0, 0.0]])
        replicates.add(session, 1, [again])
        for model in (copy, first.model):
            assert replicates.protocols_of(session, model, 1) == {VECTORS.digest}
    assert kept(database, entry) == [[0, 1, 0, 0]]


def test_each_protocol_has_its_own(database: Database) -> None:
    first = finding(database, "m", [1, 0, 0, 0])
    with database.write() as session:
        words = make_finding(
            first.model, protocols.ensure(session, answers_protocol()), ["one", "two"]
        )
    entries_of = [entered(database, one) for one in (first, words)]
    with database.write() as session:
        replicates.add(session, 1, [words])
        replicates.add(session, 2, [first, words])
    with database.read() as session:
        numbers = [replicates.protocols_of(session, first.model, n) for n in (1, 2)]
        of_words = replicates.strands(session, words.protocol, entries_of[1])
    assert numbers == [{words.protocol.digest}, {words.protocol.digest, VECTORS.digest}]
    assert len(of_words) == 2
    assert len(kept(database, entries_of[0])) == 1


def test_what_has_no_entry_is_left_out_once_its_job_has_ended(database: Database) -> None:
    first = finding(database, "m", [1, 0, 0, 0])
    entered(database, first)
    with database.write() as session:
        words = protocols.ensure(session, answers_protocol())
        asked = [first.protocol, words]
        assert replicates.ready(session, first.model, asked) == [first.protocol]
        jobs.submit(session, "extract", first.model.id, [words.digest])
        with pytest.raises(SetupError, match="entry_missing"):
            replicates.ready(session, first.model, asked)


@pytest.mark.parametrize("state", ["queued", "running"])
def test_they_wait_while_the_entry_may_still_come(database: Database, state: str) -> None:
    again = finding(database, "m", [1, 0, 0, 0])
    with database.write() as session:
        jobs.submit(session, "extract", again.model.id, [VECTORS.digest])
        if state == "running":
            assert jobs.claim(session, "a test", 60) is not None
    with pytest.raises(SetupError, match="entry_missing"), database.read() as session:
        replicates.ready(session, again.model, [again.protocol])


@pytest.mark.parametrize("state", ["failed", "cancelled", "never asked for"])
def test_they_do_not_wait_for_ever(database: Database, state: str) -> None:
    again = finding(database, "m", [1, 0, 0, 0])
    with database.write() as session:
        jobs.submit(session, "replicate", again.model.id, [VECTORS.digest], {"replicate": 1})
        if state != "never asked for":
            job, _ = jobs.submit(session, "extract", again.model.id, [VECTORS.digest])
            jobs.cancel(session, job.id)
    if state == "failed":
        with database.write() as session:
            jobs.submit(session, "extract", again.model.id, [VECTORS.digest])
            while (job := jobs.claim(session, "a test", 60)) and job.kind != "extract":
                pass
            assert job is not None
            jobs.fail(session, job, "no_weights", "It holds no weights.")
    with pytest.raises(NotFoundError, match="not_fingerprinted"), database.read() as session:
        replicates.ready(session, again.model, [again.protocol])
    with database.read() as session:
        assert models.get(session, again.model.id) == again.model
