"""The clock of the database."""

import time

from sqlalchemy import select

from app.store.clock import db_now
from app.store.database import Database


def test_the_databases_clock_counts_seconds_since_1970_and_goes_on_within_a_transaction(
    database: Database,
) -> None:
    with database.read() as session:
        first = session.scalar(select(db_now()))
        time.sleep(0.01)
        second = session.scalar(select(db_now()))
    assert abs(first - time.time()) < 30
    assert 0.005 < second - first < 20
