"""Entries: what is stored comes back, once for each (model digest, protocol)."""

import itertools
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.dna.projection import project
from app.dna.protocol import likelihood_v1, reported_vectors
from app.dna.strand import encode
from app.errors import NotFoundError
from app.store import entries, models, protocols
from app.store.database import Database
from tests.store.making import add_vectors, answers_protocol, make_finding, make_model

QUICK = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
TEXT = st.text(st.characters(codec="utf-8"), max_size=60)
VECTOR = st.lists(st.floats(-(2.0**100), 2.0**100, width=32), min_size=5, max_size=5).filter(any)
numbers = itertools.count()


@QUICK
@given(answers=st.lists(TEXT, min_size=3, max_size=3))
def test_any_answers_come_back(database: Database, answers: list[str]) -> None:
    with database.write() as session:
        protocol = protocols.ensure(session, answers_protocol(n_probes=3))
        model = make_model(session, f"m{next(numbers)}")
        [(entry, is_new)] = entries.add(session, [make_finding(model, protocol, answers)])
    assert is_new
    with database.read() as session:
        assert entries.responses(session, entry) == answers
        strand = encode(protocol, answers).values
        [stored] = entries.strands(session, protocol, [entry])
        assert (stored.dtype, stored.tobytes()) == (strand.dtype, strand.tobytes())
        dna = project(strand[None], protocol)[0]
        assert entries.dna(session, entry).tobytes() == dna.tobytes()


@QUICK
@given(rows=st.lists(VECTOR, min_size=1, max_size=3))
def test_any_vectors_come_back(database: Database, rows: list[list[float]]) -> None:
    protocol = reported_vectors(f"vectors {next(numbers)}", 5)
    added = add_vectors(database, protocol, np.array(rows))
    with database.read() as session:
        for entry, row in zip(added, rows, strict=True):
            assert entries.responses(session, entry) == [row]
            assert entries.dna(session, entry).tolist() == row
        assert entries.strands(session, protocol, added[::-1])[:, 0].tolist() == rows[::-1]
        for n in range(1, len(rows) + 1):
            every = entries.every_strand(session, protocol, added[n - 1].seq)
            assert [strand[0].tolist() for strand in every] == rows[:n]


def test_log_probabilities_come_back_to_the_last_bit(database: Database) -> None:
    scores = -np.random.default_rng(1).exponential(5, size=(100, 10))
    with database.write() as session:
        protocol = protocols.ensure(session, likelihood_v1())
        finding = make_finding(make_model(session, "m"), protocol, scores.tolist())
        [(entry, _)] = entries.add(session, [finding])
    with database.read() as session:
        assert entries.responses(session, entry) == scores.tolist()
        stored = entries.strands(session, protocol, [entry])
    assert stored.dtype == np.float32
    assert stored[0].tobytes() == scores.astype(np.float32).tobytes()


def test_a_content_has_one_entry_under_a_protocol(database: Database) -> None:
    with database.write() as session:
        one = protocols.ensure(session, answers_protocol("one"))
        two = protocols.ensure(session, answers_protocol("two"))
        first = make_model(session, "first", digest="same")
        copy = make_model(session, "copy", digest="same")
        other = make_model(session, "other")
        before = make_finding(first, one, ["a", "b"])
        again = make_finding(copy, one, ["c", "d"])
        added = entries.add(session, [before, again, make_finding(copy, two, ["a", "b"])])
        added += entries.add(session, [again, make_finding(other, one, ["e", "f"])])
    assert [is_new for _, is_new in added] == [True, False, True, False, True]
    assert [entry.seq for entry, _ in added] == [1, 1, 2, 1, 3]
    with database.read() as session:
        assert entries.responses(session, added[1][0]) == ["a", "b"], "the first one stays"
        assert [e.seq for e in entries.of_model(session, copy)] == [1, 2]
        assert entries.of_model(session, first) == entries.of_model(session, copy)
        assert entries.get(session, copy, one) == added[0][0]
        assert (entries.count(session, one.digest), entries.count(session, two.digest)) == (2, 1)


def test_an_entry_says_where_it_came_from(database: Database) -> None:
    with database.write() as session:
        protocol = protocols.ensure(session, answers_protocol())
        model = make_model(session, "m")
        [(entry, _)] = entries.add(session, [make_finding(model, protocol, ["a", "b"])])
    with database.read() as session:
        assert entries.get(session, model, protocol) == entry
        details = entries.details_of(session, [entry])[entry.id]
    assert (entry.model_id, entry.model_digest) == (model.id, model.digest)
    assert (entry.protocol_digest, entry.evidence) == (protocol.digest, "reported")
    assert (details.environment, details.notes) == ({"made": "here"}, ("a note",))
    assert details.created_at == pytest.approx(time.time(), abs=30)


def test_what_was_not_fingerprinted_is_said_so(database: Database) -> None:
    with database.write() as session:
        protocol = protocols.ensure(session, answers_protocol())
        nothing = make_model(session, "nothing")
        unread = models.get(session, nothing.id)
        assert entries.of_model(session, nothing) == []
        for question in (
            lambda: entries.get(session, unread, protocol),
            lambda: entries.require_any(session, unread),
        ):
            with pytest.raises(NotFoundError, match=r"not_fingerprinted: nothing"):
                question()


def test_slices_are_by_number_and_of_one_protocol(database: Database) -> None:
    mine, other = reported_vectors("mine", 3), reported_vectors("other", 3)
    rows = np.eye(3)
    first = add_vectors(database, mine, rows)
    between = add_vectors(database, other, rows, "b")
    last = add_vectors(database, mine, rows, "c")
    assert [entry.seq for entry in first + between + last] == list(range(1, 10))
    with database.read() as session:
        assert entries.by_seq(session, mine.digest, [9, 4, 1, 77]) == [first[0], last[2]]
        assert entries.oldest(session, mine, 4) == [*first, last[0]]
        assert entries.seqs(session, mine.digest) == [1, 2, 3, 7, 8, 9]
        assert entries.seqs(session, "another") == []
        digests = [entry.model_digest for entry in (last[1], between[0], first[2])]
        found = entries.of_digests(session, mine.digest, iter([*digests, digests[0], "unknown"]))
        assert found == [first[2], last[1]]
        assert entries.of_digests(session, mine.digest, []) == []


def test_a_strand_is_not_read_in_another_shape(database: Database) -> None:
    with database.write() as session:
        protocol = protocols.ensure(session, answers_protocol())
        model = make_model(session, "m")
        [(entry, _)] = entries.add(session, [make_finding(model, protocol, ["a", "b"])])
        with pytest.raises(ValueError, match="another length"):
            entries.strands(session, answers_protocol(n_probes=3), [entry])
