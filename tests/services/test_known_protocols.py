import pytest

from app.dna.protocol import builtins, lexical_sampled_v1, lexical_v1, likelihood_v1
from app.errors import NotFoundError
from app.services import known_protocols
from app.store import protocols
from app.store.database import Database
from tests.store.making import answers_protocol


def test_those_in_use_come_first_and_each_once(database: Database) -> None:
    mine = answers_protocol("mine")
    with database.write() as session:
        assert known_protocols.every(session) == list(builtins())
        for protocol in (mine, lexical_v1()):
            protocols.ensure(session, protocol)
        every = known_protocols.every(session)
    assert {p.name for p in every[:2]} == {"mine", "lexical-v1"}
    assert every[2:] == [likelihood_v1(), lexical_sampled_v1()]


def test_those_that_wait_are_found_as_others_are(database: Database) -> None:
    waits = lexical_sampled_v1()
    with database.read() as session:
        for name in (waits.name, waits.digest, waits.digest[:8]):
            assert known_protocols.find(session, name) == waits
        for name in ("", waits.digest[:7], waits.digest + "0", "lexical-sampled"):
            with pytest.raises(NotFoundError, match="no_such_protocol"):
                known_protocols.find(session, name)


def test_a_name_in_use_goes_first(database: Database) -> None:
    like = answers_protocol("lexical-sampled-v1")
    with database.write() as session:
        protocols.ensure(session, like)
        assert known_protocols.find(session, "lexical-sampled-v1") == like
        assert known_protocols.find(session, lexical_sampled_v1().digest) == lexical_sampled_v1()


def test_a_miss_names_what_is_near_of_both(database: Database) -> None:
    with database.write() as session:
        protocols.ensure(session, answers_protocol("lexical-mine"))
        with pytest.raises(NotFoundError) as error:
            known_protocols.find(session, "lexical")
    assert set(error.value.near) == {"lexical-mine", "lexical-v1", "lexical-sampled-v1"}
