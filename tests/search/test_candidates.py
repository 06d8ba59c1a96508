"""Candidates: the index answers as a plain search of everything that was committed does."""

import itertools
import threading

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.dna.projection import project
from app.dna.protocol import Protocol, reported_vectors
from app.dna.reference import Reference
from app.dna.scores import unit_rows
from app.search.candidates import Candidates
from app.store import dna_blocks, entries, references, withdrawals
from app.store.database import Database
from tests.store.making import add_vectors
from tests.store.threads import at_once

F64 = npt.NDArray[np.float64]
WIDTH = 12
numbers = itertools.count()


def a_protocol(width: int = WIDTH) -> Protocol:
    return reported_vectors(f"vectors {next(numbers)}", width)


def set_reference(database: Database, protocol: Protocol, version: int, mean: F64) -> None:
    reference = Reference(protocol.digest, version, 30, mean.reshape(protocol.shape).astype("f4"))
    with database.write() as session:
        references.add(session, reference)


def nearest(
    database: Database, index: Candidates, protocol: Protocol, query: F64, k: int
) -> list[int]:
    dna = query.astype(np.float32)
    with database.read() as session:
        return index.nearest(session, protocol, dna, k).tolist()


def check(found: list[int], seqs: list[int], cosines: F64, k: int) -> None:
    """The found are the best `k` by cosine, in order; equal ones may change places."""
    assert len(set(found)) == len(found) == min(k, len(seqs))
    assert set(found) <= set(seqs)
    of_found = np.array([cosines[seqs.index(seq)] for seq in found])
    assert np.allclose(of_found, np.sort(cosines)[::-1][:k], atol=1e-5)


def cosines(rows: F64, query: F64, centre: F64) -> F64:
    centred, asked = rows - centre, query - centre
    return centred @ asked / np.linalg.norm(centred, axis=1) / np.linalg.norm(asked)


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    batches=st.lists(st.integers(0, 7), min_size=1, max_size=6),
    referred=st.booleans(),
    k=st.integers(1, 12),
    read_at_once=st.integers(1, 5),
    seed=st.integers(0, 999),
)
def test_what_was_added_between_questions_is_found(
    database: Database,
    batches: list[int],
    referred: bool,
    k: int,
    read_at_once: int,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    protocol, index, centre = a_protocol(), Candidates(), np.zeros(WIDTH)
    rows, seqs = np.empty((0, WIDTH)), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dna_blocks, "SPAN", read_at_once)
        for number, size in enumerate(batches):
            fresh = rng.normal(size=(size, WIDTH)) + 2
            seqs += [e.seq for e in add_vectors(database, protocol, fresh, f"{number}.")]
            rows = np.concatenate((rows, fresh))
            if referred and number == len(batches) // 2:
                centre = 2 + rng.normal(size=WIDTH) / 10
                set_reference(database, protocol, 1, centre)
            query = rng.normal(size=WIDTH) + 2
            found = nearest(database, index, protocol, query, k)
            check(found, seqs, cosines(rows, query, centre), k)
            assert index.sizes()[protocol.digest] == len(seqs)
            sizes = [len(part) for part in index._views[protocol.digest].tail]
            assert all(2 * later <= earlier for earlier, later in itertools.pairwise(sizes))


def test_a_new_reference_moves_every_direction(database: Database) -> None:
    rng = np.random.default_rng(4)
    protocol, index = a_protocol(), Candidates()
    rows = rng.normal(size=(30, WIDTH)) + 3
    seqs = [entry.seq for entry in add_vectors(database, protocol, rows)]
    query = rng.normal(size=WIDTH) + 3
    answers = []
    for version, centre in enumerate((np.zeros(WIDTH), rows.mean(axis=0), rows[7] + 0.01)):
        if version:
            set_reference(database, protocol, version, centre)
        answers.append(nearest(database, index, protocol, query, 30))
        check(answers[-1], seqs, cosines(rows, query, centre), 30)
    assert answers[0] != answers[1] != answers[2]


def test_long_strands_are_searched_by_their_projection(database: Database) -> None:
    rng = np.random.default_rng(5)
    protocol, index = a_protocol(1500), Candidates()
    rows = rng.normal(size=(20, 1500)) + 1
    seqs = [entry.seq for entry in add_vectors(database, protocol, rows)]
    set_reference(database, protocol, 1, rows.mean(axis=0))
    centred = project((rows - rows.mean(axis=0))[:, None], protocol).astype(np.float64)
    with database.read() as session:
        own = entries.dna(session, entries.oldest(session, protocol, 1)[0])
        assert own.shape == (1024,)
        found = index.nearest(session, protocol, own, 20).tolist()
    check(found, seqs, cosines(centred, centred[0], np.zeros(1024)), 20)
    assert found[0] == seqs[0]


def test_protocols_do_not_meet(database: Database) -> None:
    index, mine, other = Candidates(), a_protocol(), a_protocol()
    rows = np.random.default_rng(6).normal(size=(6, WIDTH))
    first = [entry.seq for entry in add_vectors(database, mine, rows[:4])]
    second = [entry.seq for entry in add_vectors(database, other, rows)]
    assert sorted(nearest(database, index, mine, rows[0], 99)) == first
    assert sorted(nearest(database, index, other, rows[0], 99)) == second
    assert index.sizes() == {mine.digest: 4, other.digest: 6}


def test_an_empty_protocol_has_no_candidates(database: Database) -> None:
    protocol = a_protocol()
    assert nearest(database, Candidates(), protocol, np.ones(WIDTH), 5) == []


def test_what_was_committed_before_the_question_is_found_by_all_threads(
    database: Database,
) -> None:
    protocol, index = a_protocol(), Candidates()
    add_vectors(database, protocol, np.eye(WIDTH)[:1], "first")
    lengths: list[int] = []
    lock = threading.Lock()

    def work(thread: int) -> None:
        rng = np.random.default_rng(thread)
        for number in range(6):
            row = rng.normal(size=(1, WIDTH))
            [mine] = add_vectors(database, protocol, row, f"{thread}.{number}.")
            found = nearest(database, index, protocol, row[0], 999)
            assert found[0] == mine.seq
            assert len(set(found)) == len(found)
            with lock:
                lengths.append(len(found))

    at_once(work, 4)
    assert max(lengths) == 1 + 4 * 6
    assert index.sizes() == {protocol.digest: 1 + 4 * 6}


@pytest.mark.parametrize("scale", [1e-25, 1e-10, 1.0, 1e10, 1e25])
def test_only_directions_count(scale: float) -> None:
    rows = np.random.default_rng(7).normal(size=(5, WIDTH))
    unit = unit_rows((scale * rows).astype(np.float32))
    assert unit.dtype == np.float32
    assert np.allclose(unit, rows / np.linalg.norm(rows, axis=1, keepdims=True), atol=1e-6)


def test_a_row_that_is_the_centre_itself_stays_zero() -> None:
    rows = np.array([[0, 0], [3, 4]], dtype=np.float32)
    assert np.allclose(unit_rows(rows), [[0, 0], [0.6, 0.8]])


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), seed=st.integers(0, 999))
def test_every_process_leaves_out_what_was_withdrawn_until_it_is_back(
    database: Database, data: st.DataObject, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    protocol, processes = a_protocol(), (Candidates(), Candidates())
    rows = rng.normal(size=(12, WIDTH))
    added = add_vectors(database, protocol, rows)
    gone: set[int] = set()
    for step in range(4):
        changing = data.draw(st.sets(st.integers(0, len(added) - 1), max_size=8))
        with database.write() as session:
            for place in changing:
                if place in gone:
                    withdrawals.reinstate(session, added[place].model_id)
                else:
                    withdrawals.withdraw(session, added[place].model_id, "forged")
        gone ^= changing
        if step == 1:
            fresh = rng.normal(size=(3, WIDTH))
            added += add_vectors(database, protocol, fresh, "later")
            rows = np.concatenate((rows, fresh))
        left = [place for place in range(len(added)) if place not in gone]
        query = rng.normal(size=WIDTH)
        for index in processes:
            found = nearest(database, index, protocol, query, 5)
            seqs = [added[place].seq for place in left]
            check(found, seqs, cosines(rows[left], query, np.zeros(WIDTH)), 5)
            view = index._views[protocol.digest]
            assert (view.held, view.size) == (len(added), len(left))
