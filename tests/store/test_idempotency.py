import threading

import pytest
from sqlalchemy.exc import IntegrityError

from app.errors import InputError
from app.store import idempotency
from app.store.database import Database, Session
from app.store.idempotency import Answer
from tests.store.threads import at_once

ANSWER = Answer(202, {"Location": "/v1/jobs/job_1"}, {"job": {"id": "job_1", "name": "é"}})


def test_an_answer_is_replayed_to_the_same_request_only(database: Database) -> None:
    with database.write() as session:
        assert idempotency.replay(session, "key", "d1") is None
        idempotency.keep(session, "key", "d1", ANSWER)
    with database.read() as session:
        assert idempotency.replay(session, "key", "d1") == ANSWER
        assert idempotency.replay(session, "other", "d1") is None
        with pytest.raises(InputError, match="idempotency_key_reused"):
            idempotency.replay(session, "key", "d2")


def test_an_answer_goes_with_the_work_that_it_answers_for(database: Database) -> None:
    def work(session: Session) -> None:
        idempotency.keep(session, "key", "d1", ANSWER)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.transact(work)
    with database.read() as session:
        assert idempotency.replay(session, "key", "d1") is None


def test_a_key_is_kept_once(database: Database) -> None:
    with database.write() as session:
        idempotency.keep(session, "key", "d1", ANSWER)
    with pytest.raises(IntegrityError), database.write() as session:
        idempotency.keep(session, "key", "d1", ANSWER)


def test_equal_requests_at_once_do_the_work_once(database: Database) -> None:
    worked: list[int] = []
    lock = threading.Lock()

    def request(number: int) -> Answer:
        def work(session: Session) -> tuple[Answer, bool]:
            known = idempotency.replay(session, "key", "d1")
            if known is not None:
                return known, False
            mine = Answer(202, {}, {"number": number})
            idempotency.keep(session, "key", "d1", mine)
            return mine, True

        answer, is_new = database.transact(work)
        with lock:
            worked.extend([number] * is_new)
        return answer

    answers = at_once(request, 5)
    assert len(worked) == 1
    assert answers == [Answer(202, {}, {"number": worked[0]})] * 5
