"""Relations of models that somebody named: judged, or why not."""

import pytest

from app.services.ancestry.relations import (
    COPY,
    NO_REFERENCE,
    NOT_FINGERPRINTED,
    NOT_SHARED,
    relations,
)
from app.services.comparison import compare
from app.store import models
from app.store.database import Database
from tests.genealogy import FAMILY, plant, register


@pytest.fixture
def planted(database: Database) -> Database:
    plant(database)
    return database


def test_relations_are_those_of_a_comparison(planted: Database) -> None:
    with planted.read() as session:
        base = models.find(session, "oak-base")
        others = [
            models.find(session, name) for name in (*FAMILY, "stranger-1") if name != "oak-base"
        ]
        found = relations(session, base, others)
        for other in others:
            [shared] = compare(session, base, other).shared
            relation = found[other.id]
            assert (relation.verdict, relation.protocol) == (shared.judged.verdict, shared.protocol)
            assert relation.judged is not None
            assert relation.judged.score == pytest.approx(shared.judged.score)
        names = [one.name for one in sorted(others, key=lambda one: found[one.id].nearness)]
        assert names[-1] == "stranger-1"
        assert found[others[-1].id].verdict == "unrelated"


def test_what_cannot_be_judged_says_why(planted: Database) -> None:
    with planted.write() as session:
        base = models.find(session, "oak-base")
        copy = register(session, "copy", base.digest)
        unread = register(session, "unread")
        found = relations(session, base, [copy, unread])
        assert found[copy.id] == COPY
        assert found[copy.id].nearness < found[unread.id].nearness
        assert (found[unread.id].verdict, found[unread.id].missing) == (
            "inconclusive", NOT_FINGERPRINTED,
        )  # fmt: skip


def test_without_a_shared_protocol_or_a_reference_nothing_is_said(registry: Database) -> None:
    with registry.read() as session:
        child, heron = models.find(session, "child"), models.find(session, "beta/heron")
        founder = models.find(session, "founder")
        found = relations(session, child, [heron, founder])
        assert (found[heron.id].verdict, found[heron.id].missing) == ("inconclusive", NOT_SHARED)
        assert (found[founder.id].verdict, found[founder.id].missing) == (
            "inconclusive", NO_REFERENCE,
        )  # fmt: skip
        assert found[founder.id].judged is not None
