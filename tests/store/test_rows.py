import time

from sqlalchemy import select

from app.store.clock import db_now
from app.store.database import Database
from app.store.rows import ALPHABET, new_id


def test_ids_are_opaque_unique_and_sort_by_their_time() -> None:
    made = [new_id("mdl") for _ in range(1000)]
    assert len(set(made)) == 1000
    assert all(len(one) == 28 and set(one[4:]) <= set(ALPHABET) for one in made)
    earlier = new_id("mdl")
    time.sleep(0.002)
    assert earlier < new_id("mdl")


def test_the_databases_clock_counts_seconds_since_1970_and_goes_on_within_a_transaction(
    database: Database,
) -> None:
    with database.read() as session:
        first = session.scalar(select(db_now()))
        time.sleep(0.01)
        second = session.scalar(select(db_now()))
    assert abs(first - time.time()) < 30
    assert 0.005 < second - first < 20
