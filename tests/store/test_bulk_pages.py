"""Pages of everything: each thing once, up to a number that was fixed before."""

import numpy as np
import pytest

from app.dna.protocol import reported_vectors
from app.store import bulk_pages, entries, models
from app.store.database import Database
from tests.store.making import add_vectors, make_model


@pytest.mark.parametrize("limit", [1, 2, 7])
def test_every_entry_comes_once_with_its_model(database: Database, limit: int) -> None:
    mine, other = reported_vectors("mine", 3), reported_vectors("other", 3)
    added = add_vectors(database, mine, np.eye(3)) + add_vectors(database, other, np.eye(3))
    with database.read() as session:
        last = entries.last_seq(session)
    later = add_vectors(database, mine, np.eye(3), "later")
    for protocol, expected in ((None, added), (mine.digest, added[:3])):
        found, after = [], 0
        with database.read() as session:
            while page := bulk_pages.entry_page(session, after, last, limit, protocol):
                assert len(page) <= limit
                found += page
                after = page[-1].seq
            assert [one.seq for one in found] == [entry.seq for entry in expected]
            owners = bulk_pages.owners(session, found)
            assert {model.ref for model, _ in owners} == {one.ref for one in found}
            unpacked = [entries.unpack(one.responses) for one in found]
            assert unpacked == [entries.responses(session, entry) for entry in expected]
    assert later[0].seq == last + 1


def test_models_come_with_their_claims_those_without_an_entry_too(database: Database) -> None:
    with database.write() as session:
        assert entries.last_seq(session) == 0
        made = [make_model(session, f"m{number}") for number in range(3)]
        first = bulk_pages.model_page(session, None, 2)
        rest = bulk_pages.model_page(session, first[-1][0].id, 2)
        assert [model for model, _ in first + rest] == made
        assert models.page(session, rest[-1][0].id, 2) == []
