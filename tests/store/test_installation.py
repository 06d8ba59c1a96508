from app.store import installation
from app.store.database import Database
from tests.store.threads import at_once


def test_a_secret_is_drawn_once_for_each_name(database: Database) -> None:
    first = installation.secret(database, "cursors")
    assert len(first) == 32
    assert installation.secret(database, "cursors") == first
    assert installation.secret(database, "other") != first


def test_all_who_ask_at_once_get_the_same(database: Database) -> None:
    secrets = at_once(lambda _: installation.secret(database, "cursors"), 6)
    assert set(secrets) == {installation.secret(database, "cursors")}
