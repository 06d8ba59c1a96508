"""Rates: from which trees they are read; the rest is in tests/api/test_rates.py."""

import pytest

from app.errors import InputError
from app.services.rates import Told, rates
from app.services.trees.growth import Growth
from app.store import protocols
from app.store.database import Database
from tests.services.trees.growing import plant, small_trees


def test_log_ranks_are_refused(database: Database) -> None:
    plant(database)
    with database.read() as session:
        protocol = protocols.get(session, "planted")
        built = small_trees(at_once=100).of(session, protocol, (), Growth(replicates=0))
        with pytest.raises(InputError, match="bad_distance"):
            rates(session, built, Told())
        angles = Growth(replicates=0, distance="angular")
        built = small_trees(at_once=100).of(session, protocol, (), angles)
        found = rates(session, built, Told(), replicates=4)
    assert found.replicates == 4
    assert {one.rate for one in found.rates} == {None}, "nothing is dated"
