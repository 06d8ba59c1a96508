"""What goes wrong at an API, and what becomes of it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from app.errors import GenebankError, ModelError, SetupError
from tests.workers.endpoints.conftest import KEY, QUICK, answers, record, respondent
from tests.workers.endpoints.faulty import Act, Faulty, Handler, chat, error, says
from workers import frames
from workers.endpoints.faults import PassingError, fault


def texts(faulty: Faulty, *prompts: str, **settings: object) -> list[str]:
    """Ask a server; return the answers in the order of the prompts."""
    asking = respondent(record(faulty.url, **settings), key=KEY)
    batches = [f for f in asking.ask([answers(*prompts)]) if isinstance(f, frames.Batch)]
    return [str(one.responses[0]) for one in sorted(batches, key=lambda one: one.batch)]


def hang_up(handler: Handler) -> None:
    handler.close_connection = True


def cut_short(handler: Handler) -> None:
    handler.reply(200, b'{"choices"', content_length="5000")
    handler.close_connection = True


def never_ending(handler: Handler) -> None:
    handler.reply(200, b" " * (2 << 20))


def trickle(handler: Handler) -> None:
    handler.reply(200, b"{", content_length="5000")
    try:
        for _ in range(5000):
            handler.wfile.write(b" ")
            time.sleep(0.02)
    except ConnectionError:
        handler.close_connection = True


PASSING: dict[str, Act] = {
    "too many requests": says(429, error("slow down"), retry_after="0.01"),
    "overloaded": says(503, b"<html>busy</html>"),
    "broken": says(500, error("oops")),
    "gateway": says(502, b""),
    "hangs up": hang_up,
    "cut short": cut_short,
    "truncated JSON": says(200, b'{"choices": [{"message"'),
    "an HTML page": says(200, b"<html>Log in to the network</html>", content_type="text/html"),
    "no choice": says(200, {"choices": []}),
    "an empty choice": says(200, {"choices": [{"finish_reason": "stop"}]}),
    "an error that calls itself a success": says(200, error("upstream broke")),
}


@pytest.mark.parametrize("act", PASSING.values(), ids=PASSING.keys())
def test_a_fault_that_passes_is_outlived(faulty: Faulty, act: Act) -> None:
    faulty.script = [act, act]
    assert texts(faulty, "one") == ["fine"]
    assert len(faulty.asked) == 3


@pytest.mark.parametrize("act", PASSING.values(), ids=PASSING.keys())
def test_a_fault_that_stays_ends_the_try(faulty: Faulty, act: Act) -> None:
    faulty.usual = act
    with pytest.raises(GenebankError) as raised:
        texts(faulty, "one")
    assert raised.value.code in ("endpoint_unavailable", "bad_endpoint_answer")
    gives_back = raised.value.code == "endpoint_unavailable"
    assert isinstance(raised.value, SetupError if gives_back else ModelError)
    assert len(faulty.asked) == QUICK.tries


@pytest.mark.parametrize("act", [trickle, lambda _: time.sleep(1)], ids=["trickle", "silence"])
def test_no_answer_is_awaited_for_ever(faulty: Faulty, act: Act) -> None:
    faulty.script = [act]
    assert texts(faulty, "one", timeout_s=0.1) == ["fine"]


FINAL: dict[str, tuple[Act, type[GenebankError], str]] = {
    "wrong key": (says(401, error("bad key")), ModelError, "endpoint_refused_key"),
    "forbidden": (says(403, error("not you")), ModelError, "endpoint_refused_key"),
    "no model": (says(404, error("none")), ModelError, "no_such_endpoint_model"),
    "no model, by code": (
        says(400, error("none", code="model_not_found")),
        ModelError,
        "no_such_endpoint_model",
    ),
    "bad request": (says(400, error("no max_tokens")), ModelError, "endpoint_refused"),
    "not understood": (says(422, b"[1, 2]"), ModelError, "endpoint_refused"),
    "moved": (says(307, b"", location="/elsewhere"), ModelError, "endpoint_redirects"),
    "no funds": (
        says(429, error("quota", type="insufficient_quota")),
        SetupError,
        "endpoint_unavailable",
    ),
    "to be paid": (says(402, error("pay")), SetupError, "endpoint_unavailable"),
    "endless": (never_ending, ModelError, "endpoint_floods"),
    "filtered": (says(200, chat("I", "content_filter")), ModelError, "answer_withheld"),
    "refused": (says(200, chat(None)), ModelError, "answer_withheld"),
    "too long": (says(200, chat("a" * 5000)), ModelError, "bad_endpoint_answer"),
}


@pytest.mark.parametrize(("act", "kind", "code"), FINAL.values(), ids=FINAL.keys())
def test_a_final_fault_is_not_tried_again(
    faulty: Faulty, act: Act, kind: type[GenebankError], code: str
) -> None:
    faulty.usual = act
    with pytest.raises(kind) as raised:
        texts(faulty, "one")
    assert raised.value.code == code
    assert len(faulty.asked) == 1


def test_silence_and_thinking_up_to_the_limit_are_empty_answers(faulty: Faulty) -> None:
    faulty.script = [says(200, chat("")), says(200, chat(None, "length"))]
    asking = respondent(record(faulty.url, concurrency=1))
    *rest, done = asking.ask([answers("one", "two")])
    assert [f.responses for f in rest if isinstance(f, frames.Batch)] == [[""], [""]]
    assert isinstance(done, frames.Done)
    assert done.environment["only_thought"] == 1


def test_an_api_that_echoes_the_key_does_not_give_it_away(faulty: Faulty) -> None:
    faulty.usual = says(400, error(f"bad header: Bearer {KEY}\x1b[31m\n"))
    with pytest.raises(ModelError) as raised:
        texts(faulty, "one")
    assert KEY not in raised.value.detail
    assert raised.value.detail.isprintable()


def test_nobody_is_there() -> None:
    with pytest.raises(SetupError) as raised:
        list(respondent(record("http://127.0.0.1:9/v1")).ask([answers("one")]))
    assert raised.value.code == "endpoint_unavailable"


def in_a_while() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        (lambda: "7", 7, 7),
        (in_a_while, 55, 61),
        (lambda: "-3", 0, 0),
        (lambda: "soon", 0, 0),
        (lambda: "inf", 0, 0),
        (lambda: "", 0, 0),
        (lambda: "Thu, 01 Jan 1970 00:00:00 GMT", 0, 0),
    ],
)
def test_an_api_says_when_to_come_again(
    header: Callable[[], str], least: float, most: float
) -> None:
    found = fault(429, {"retry-after": header()}, b"", None)
    assert isinstance(found, PassingError)
    assert least <= found.retry_after_s <= most


def test_it_is_not_asked_before_that(faulty: Faulty) -> None:
    faulty.script = [says(429, b"", retry_after="0.3")]
    began = time.monotonic()
    assert texts(faulty, "one") == ["fine"]
    assert time.monotonic() - began >= 0.3


def test_a_pause_longer_than_all_patience_is_not_begun(faulty: Faulty) -> None:
    faulty.usual = says(429, error("tomorrow"), retry_after="86400")
    with pytest.raises(SetupError, match="tomorrow"):
        texts(faulty, "one")
    assert len(faulty.asked) == 1
