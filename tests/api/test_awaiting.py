"""Waiting for an entry: at once where it is seen, refused where there is none."""

from typing import Any, cast

import numpy as np
import pytest

from app.api import awaiting
from app.api.awaiting import await_entry
from app.dna.protocol import reported_vectors
from app.errors import InputError, SetupError
from app.search.candidates import Candidates
from app.store.database import Database
from tests.store.making import add_vectors


class Lagging:
    """An index that sees an entry after it was asked so often."""

    def __init__(self, often: int) -> None:
        self.left = often

    def is_behind(self, seq: int) -> bool:
        self.left -= 1
        return self.left >= 0


def wait(database: Database, often: int, seq: int = 2) -> None:
    await_entry(database, cast("Any", Lagging(often)), seq)


def test_what_can_be_seen_and_what_cannot(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_vectors(database, reported_vectors("seen", 3), np.eye(3))
    await_entry(database, Candidates(), 3)
    with pytest.raises(InputError, match="no_such_entry"):
        await_entry(database, Candidates(), 4)
    monkeypatch.setattr(awaiting, "PAUSE_S", 0.001)
    wait(database, 3)
    monkeypatch.setattr(awaiting, "PATIENCE_S", 0.01)
    with pytest.raises(SetupError, match="not_seen_yet"):
        wait(database, 10**9)
    for _ in range(awaiting.WAITING):
        assert awaiting._places.acquire(blocking=False)
    try:
        wait(database, 0)
        with pytest.raises(SetupError, match="not_seen_yet"):
            wait(database, 1)
    finally:
        for _ in range(awaiting.WAITING):
            awaiting._places.release()
