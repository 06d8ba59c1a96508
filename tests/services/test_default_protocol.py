from collections.abc import Sequence

import numpy as np
import pytest

from app.dna.protocol import Protocol, lexical_sampled_v1, lexical_v1, reported_vectors
from app.dna.strand import Response
from app.errors import NotFoundError
from app.services.default_protocol import for_model, for_tree
from app.store import entries, models, protocols
from app.store.database import Database, Session
from tests.store.making import add_vectors, answers_protocol, make_finding, make_model
from tests.synthetic import PROTOCOL, add_local


def test_the_best_witness_is_asked_where_it_can_answer(shared_registry: Database) -> None:
    with shared_registry.read() as session:
        assert for_tree(session).name == "likelihood-v1"
        assert for_model(session, models.find(session, "child")).name == "likelihood-v1"
        assert for_model(session, models.find(session, "acme/wolf")).name == PROTOCOL


def test_ours_are_asked_before_others_however_old(database: Database) -> None:
    def add(session: Session, protocol: Protocol, responses: Sequence[Response]) -> None:
        stored = protocols.ensure(session, protocol)
        entries.add(session, [make_finding(make_model(session, "m"), stored, responses)])

    sampled, greedy = lexical_sampled_v1(), lexical_v1()
    with database.write() as session:
        for protocol, responses, asked in (
            (answers_protocol("oldest"), ["one", "two"], "oldest"),
            (answers_protocol("old", 1), ["one"], "oldest"),
            (sampled, [["drawn"] * 4] * 128, sampled.name),
            (greedy, ["said"] * 128, greedy.name),
        ):
            add(session, protocol, responses)
            assert for_model(session, models.find(session, "m")).name == asked


def test_else_the_one_with_most_entries(database: Database) -> None:
    few, most = reported_vectors("few", 3), reported_vectors("most", 3)
    add_vectors(database, few, np.eye(3)[:2])
    add_vectors(database, most, np.eye(3))
    add_local(database, "alone", np.full((100, 10), -1.0) - np.arange(10))
    with database.read() as session:
        assert for_tree(session).name == "most", "one model is no tree"


def test_a_tie_is_decided_by_name(database: Database) -> None:
    for name in ("b", "a", "c"):
        add_vectors(database, reported_vectors(name, 3), np.eye(3))
    with database.read() as session:
        assert for_tree(session).name == "a"


def test_without_entries_there_is_no_answer(database: Database) -> None:
    with database.write() as session:
        model = make_model(session, "m")
        with pytest.raises(NotFoundError, match="no_entries"):
            for_tree(session)
        with pytest.raises(NotFoundError, match="not_fingerprinted"):
            for_model(session, model)
