"""Batches: a source that is out of order costs one chunk of patience, not all of it."""

import pytest

from app.errors import SetupError
from app.services import register_batch as use_case
from app.services.register_batch import Wanted, register_batch
from app.store.database import Database
from tests.registering import sources


def test_a_hub_that_is_away_is_not_asked_for_all(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(use_case, "CHUNK", 2)
    rung: list[int] = []
    outcomes = register_batch(
        database, sources(database), [Wanted(f"org/m{n}") for n in range(9)], lambda: rung.append(1)
    )
    assert len(outcomes) == 9
    assert all(isinstance(outcome.problem, SetupError) for outcome in outcomes)
    assert len({outcome.problem for outcome in outcomes}) == 2, "two asked, seven not"
    assert rung == [1]
