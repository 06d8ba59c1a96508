"""Protocols: written once under their digest, found by name, digest or its beginning."""

from dataclasses import replace

import pytest

from app.dna.protocol import defaults, reported_vectors
from app.errors import ConflictError, NotFoundError
from app.store import protocols
from app.store.database import Database
from tests.store.making import answers_protocol

EVERY_KIND = [*defaults(), answers_protocol(), reported_vectors("vectors", 7)]


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


def test_the_first_name_given_to_a_digest_stays(database: Database) -> None:
    first = answers_protocol("mine")
    renamed = replace(first, name="yours", probe_set=replace(first.probe_set, name="yours"))
    assert renamed.digest == first.digest
    with database.write() as session:
        protocols.ensure(session, first)
        assert protocols.ensure(session, renamed) == first
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
