"""Statements that are made once: the same rows, however they are sent."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam, select

from app.store import models
from app.store.database import Database
from app.store.ready import Ready
from app.store.rows import ModelRow
from tests.store.making import make_model

MODELS = ModelRow.__table__.c
QUERY = select(MODELS.name, MODELS.details, MODELS.created_at).order_by(MODELS.name)
NAMES = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=9))


@given(there=NAMES, asked=NAMES)
@settings(
    deadline=None,
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_they_are_the_rows_of_the_statement(
    database: Database, there: list[str], asked: list[str]
) -> None:
    wanted = {*asked, *there[::2]}
    with database.write() as session:
        for name in set(there):
            make_model(session, name or "-")
        session.flush()
        expected = session.execute(QUERY.where(MODELS.name.in_(wanted))).all()
        found = Ready(QUERY, MODELS.name).many(session, wanted)
        assert [tuple(row) for row in found] == [tuple(row) for row in expected]
        one = Ready(QUERY.where(MODELS.name == bindparam("name")))
        for name in wanted:
            rows = one.rows(session, name=name)
            assert [tuple(row) for row in rows] == [tuple(r) for r in expected if r[0] == name]
        session.rollback()


def test_an_error_is_told_as_any_other(database: Database) -> None:
    wrong = Ready(select(MODELS.name).where(MODELS.created_at == bindparam("no_number")))
    if not database.is_sqlite:
        with pytest.raises(Exception, match=r"double precision"), database.read() as it:
            wrong.rows(it, no_number="x")
    with database.read() as it:
        assert models.meant(it, "nobody") == []
