"""Protocols: written once under their digest, found by name, digest or its beginning."""

from dataclasses import replace
from functools import partial

import pytest

from app.dna.protocol import builtins, lexical_sampled_v1, lexical_v1, reported_vectors
from app.errors import ConflictError, NotFoundError
from app.store import protocols
from app.store.database import Database
from app.store.rows import ProtocolRow
from tests.store.making import answers_protocol
from tests.store.threads import at_once


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> None:
    protocols._KNOWN.clear()


SENTENCES = replace(
    lexical_sampled_v1(),
    name="sentences",
    encoder="sentence",
    encoder_settings=(("digest", "0" * 64), ("normalise_rows", 1)),
    projection="gaussian",
)
EVERY_KIND = [*builtins(), answers_protocol(), reported_vectors("vectors", 7), SENTENCES]


def test_a_protocol_comes_back_whole(database: Database) -> None:
    for protocol in EVERY_KIND:
        with database.write() as session:
            assert protocols.ensure(session, protocol) == protocol
    with database.read() as session:
        for protocol in EVERY_KIND:
            for name in (protocol.name, protocol.digest, protocol.digest[:8]):
                stored = protocols.get(session, name)
                assert (stored, stored.digest) == (protocol, protocol.digest)
        assert {p.name for p in protocols.every(session)} == {p.name for p in EVERY_KIND}
        assert protocols.names(session) == {p.digest: p.name for p in EVERY_KIND}


def test_a_row_of_the_first_version_is_read(database: Database) -> None:
    with database.write() as session:
        protocols.ensure(session, lexical_v1())
        row = session.get_one(ProtocolRow, lexical_v1().digest)
        row.body = {
            key: value
            for key, value in row.body.items()
            if key not in ("projection", "encoder_settings")
        }
    with database.read() as session:
        assert protocols.get(session, "lexical-v1") == lexical_v1()


def test_the_first_name_given_to_a_digest_stays(database: Database) -> None:
    first = answers_protocol("mine")
    renamed = replace(first, name="yours", probe_set=replace(first.probe_set, name="yours"))
    assert renamed.digest == first.digest
    with database.write() as session:
        protocols.ensure(session, first)
        again = protocols.ensure(session, renamed)
        assert (again.name, again.digest) == ("mine", first.digest)
        assert protocols.every(session) == [first]


def test_a_name_belongs_to_one_digest(database: Database) -> None:
    with database.write() as session:
        protocols.ensure(session, answers_protocol("mine"))
        with pytest.raises(ConflictError, match="name_taken"):
            protocols.ensure(session, answers_protocol("mine", n_probes=3))
        assert protocols.every(session) == [answers_protocol("mine")]


def test_a_name_that_looks_like_a_digest_is_a_name(database: Database) -> None:
    mine = answers_protocol("mine")
    like = answers_protocol(mine.digest[:12])
    with database.write() as session:
        for protocol in (mine, like):
            protocols.ensure(session, protocol)
        assert protocols.get(session, mine.digest[:12]) == like
        assert protocols.get(session, mine.digest[:13]) == mine


def test_a_miss_names_what_is_near(database: Database) -> None:
    mine = answers_protocol("mine")
    with database.write() as session:
        protocols.ensure(session, mine)
        nears = {"min": ("mine",), "": ("mine",), "%%%%%%%%": (), mine.digest[:7]: ()}
        for name, near in nears.items():
            with pytest.raises(NotFoundError, match="no_such_protocol") as error:
                protocols.get(session, name)
            assert error.value.near == near


def test_many_who_add_one_at_once_all_get_it(database: Database) -> None:
    for number in range(4):
        wanted = answers_protocol(f"mine {number}")
        added = at_once(
            lambda _, wanted=wanted: database.transact(partial(protocols.ensure, protocol=wanted)),
            5,
        )
        assert added == [wanted] * 5


def test_what_was_read_once_is_still_found_in_its_own_database_only(database: Database) -> None:
    mine = answers_protocol("mine")
    with database.write() as session:
        protocols.ensure(session, mine)
        assert protocols.get(session, "mine") == mine
        session.rollback()
    with database.read() as session, pytest.raises(NotFoundError):
        protocols.get(session, "mine")


def test_more_protocols_than_are_remembered(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocols, "MOST_KNOWN", 2)
    made = [answers_protocol(f"mine {number}") for number in range(5)]
    with database.write() as session:
        for protocol in made:
            protocols.ensure(session, protocol)
        assert {p.name for p in protocols.every(session)} == {p.name for p in made}
        assert [protocols.get(session, p.name) for p in made] == made
    assert len(protocols._KNOWN) <= 2
