import pytest

from app.store import kept as keeping
from app.store.database import Database
from app.store.kept import kept


def test_it_is_read_once_a_database(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST", 2)
    asked: list[str] = []

    def read(key: str) -> str:
        with database.read() as session:
            return kept(session, key, lambda: asked.append(key) or key.upper())

    assert [read(key) for key in "aabbab"] == list("AABBAB")
    assert asked == ["a", "b"]
    read("c")
    read("b")
    read("a")  # was let go
    assert asked == ["a", "b", "c", "a"]
    other = Database(str(database.url.render_as_string(hide_password=False)))
    with other.read() as session:
        assert kept(session, "a", lambda: "of the other") == "of the other"
    other.close()


def test_what_fails_is_not_kept(database: Database) -> None:
    with database.read() as session:
        with pytest.raises(ZeroDivisionError):
            kept(session, "x", lambda: 1 / 0)
        assert kept(session, "x", lambda: 2) == 2
