"""How an API is asked: in parallel, item by item, under a heartbeat."""

import threading
import time
from typing import Any

import pytest

from app.errors import ModelError
from app.records import ModelRef
from app.services.endpoints import content_digest
from tests.workers.endpoints.conftest import answers, passages, record, respondent
from tests.workers.endpoints.faulty import Faulty, Handler, chat, says
from workers import frames


class Interrupted(Exception):  # noqa: N818  stands in for those of the extraction
    """What a heartbeat raises to end a job."""


def echo(handler: Handler) -> None:
    handler.reply(200, chat(handler.asked.body["messages"][0]["content"].upper()))


def batches(found: list[frames.Frame]) -> dict[int, frames.Batch]:
    return {frame.batch: frame for frame in found if isinstance(frame, frames.Batch)}


def test_frames_tell_the_job(faulty: Faulty) -> None:
    faulty.usual = echo
    found = list(respondent(record(faulty.url)).ask([answers("a", "b", "c")]))
    assert found[0] == frames.Planned(batches=3)
    assert found[1] == frames.Stage(stage="answer")
    assert {n: (one.indices, one.responses) for n, one in batches(found).items()} == {
        0: ([0], ["A"]),
        1: ([1], ["B"]),
        2: ([2], ["C"]),
    }
    done = found[-1]
    assert isinstance(done, frames.Done)
    assert done.environment["endpoint"] == "127.0.0.1"
    assert done.environment["answered_as"] == "m-1"
    assert done.seconds["answer"] > 0
    assert all(frames.read(frames.write(frame)) == frame for frame in found)


def test_what_is_known_is_not_asked_again(faulty: Faulty) -> None:
    faulty.usual = echo
    found = list(respondent(record(faulty.url)).ask([answers("a", "b", "c", answered=(0, 2))]))
    assert found[0] == frames.Planned(batches=3)
    assert set(batches(found)) == {1}
    assert [one.body["messages"][0]["content"] for one in faulty.asked] == ["b"]


def test_nothing_to_ask_is_no_request(faulty: Faulty) -> None:
    assert list(respondent(record(faulty.url)).ask([])) == []
    assert faulty.asked == []


def test_as_many_are_asked_at_once_as_allowed(faulty: Faulty) -> None:
    barrier = threading.Barrier(3)
    lock = threading.Lock()
    now: list[int] = [0, 0]

    def meet(handler: Handler) -> None:
        with lock:
            now[0] += 1
            now[1] = max(now)
        barrier.wait(timeout=30)
        with lock:
            now[0] -= 1
        handler.reply(200, chat("met"))

    faulty.usual = meet
    found = list(respondent(record(faulty.url, concurrency=3)).ask([answers(*"abcdef")]))
    assert len(batches(found)) == 6
    assert now[1] == 3


def test_the_heart_beats_while_answers_are_awaited(faulty: Faulty) -> None:
    beats = threading.Semaphore(0)

    def after_three_beats(handler: Handler) -> None:
        while beats.acquire(blocking=False):
            pass
        assert all(beats.acquire(timeout=30) for _ in range(3))
        handler.reply(200, chat("late"))

    faulty.usual = after_three_beats
    asking = respondent(record(faulty.url), heartbeat=beats.release)
    assert len(batches(list(asking.ask([answers("a", "b")])))) == 2


def test_an_interrupted_job_hangs_up(faulty: Faulty) -> None:
    waiting, hung_up = threading.Semaphore(0), threading.Semaphore(0)

    def wait_for_the_end(handler: Handler) -> None:
        waiting.release()
        if handler.connection.recv(1) == b"":
            hung_up.release()
        handler.close_connection = True

    def beat() -> None:
        if waiting.acquire(blocking=False):
            waiting.release()
            if waiting.acquire(timeout=30) and waiting.acquire(timeout=30):
                raise Interrupted

    faulty.usual = wait_for_the_end
    asking = respondent(record(faulty.url, concurrency=2), heartbeat=beat)
    with pytest.raises(Interrupted):
        list(asking.ask([answers(*"abcdefgh")]))
    assert all(hung_up.acquire(timeout=30) for _ in range(2))
    assert len(faulty.asked) == 2


def test_whoever_waits_to_try_again_is_interrupted_too(faulty: Faulty) -> None:
    faulty.usual = says(429, b"", retry_after="4")

    def beat() -> None:
        if faulty.asked:
            raise Interrupted

    began = time.monotonic()
    with pytest.raises(Interrupted):
        list(respondent(record(faulty.url), heartbeat=beat).ask([answers("a")]))
    assert time.monotonic() - began < 3


def test_what_was_answered_is_handed_over_before_a_failure_ends_it(faulty: Faulty) -> None:
    faulty.script = [says(200, chat("one")), says(401, b"")]
    found: list[frames.Frame] = []
    asking = respondent(record(faulty.url, concurrency=1))
    with pytest.raises(ModelError):
        found.extend(asking.ask([answers("a", "b", "c")]))
    assert set(batches(found)) == {0}


def body_of(faulty: Faulty, **settings: object) -> dict[str, Any]:
    list(respondent(record(faulty.url, **settings), key="k").ask([answers("a")]))
    return faulty.asked[-1].body


def test_greedy_answers_are_asked_for_in_the_fewest_words(faulty: Faulty) -> None:
    assert body_of(faulty) == {
        "model": "m",
        "messages": [{"role": "user", "content": "a"}],
        "max_tokens": 16,
        "temperature": 0.0,
    }
    assert faulty.asked[-1].path == "/v1/chat/completions"
    assert faulty.asked[-1].headers["authorization"] == "Bearer k"


def test_newer_apis_bound_answers_by_another_name(faulty: Faulty) -> None:
    body = body_of(faulty, limit_parameter="max_completion_tokens")
    assert body["max_completion_tokens"] == 16
    assert "max_tokens" not in body


def test_draws_have_seeds_of_their_own(faulty: Faulty) -> None:
    sampled: dict[str, str | int] = {
        "decoding": "sampled",
        "temperature": "0.7",
        "top_p": "0.95",
        "seed": 1,
    }
    asking = respondent(record(faulty.url))
    found = list(asking.ask([answers("a", "b", draws=2, **sampled)]))
    assert set(batches(found)) == {0, 1, 2, 3}
    bodies = [one.body for one in faulty.asked]
    assert {(one["temperature"], one["top_p"]) for one in bodies} == {(0.7, 0.95)}
    seeds = {one["seed"] for one in bodies}
    assert len(seeds) == 4
    assert all(0 <= seed < 1 << 31 for seed in seeds)


def test_tokens_and_money_are_counted(faulty: Faulty) -> None:
    usage = {"prompt_tokens": 2000, "completion_tokens": 500, "total_tokens": 2500}
    faulty.usual = says(200, chat("fine", usage=usage))
    asking = respondent(record(faulty.url, input_price=1.0, output_price=4.0))
    [batch] = batches(list(asking.ask([answers("a")]))).values()
    assert batch.usage == {"prompt_tokens": 2000, "completion_tokens": 500, "cost": 0.004}
    [free] = batches(list(respondent(record(faulty.url)).ask([answers("a")]))).values()
    assert free.usage == {"prompt_tokens": 2000, "completion_tokens": 500}


def test_a_swapped_model_shows(faulty: Faulty) -> None:
    faulty.script = [says(200, {**chat("x"), "model": f"m-{n}" * 99}) for n in range(3)]
    *_, done = respondent(record(faulty.url)).ask([answers(*"abcdefghijkl")])
    assert isinstance(done, frames.Done)
    assert str(done.environment["answered_as"]).count(", ") == 3


def test_a_proxy_is_not_asked_for_loopback(faulty: Faulty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    assert batches(list(respondent(record(faulty.url)).ask([answers("a")])))


def test_an_api_without_likelihoods_is_not_asked_for_them(faulty: Faulty) -> None:
    with pytest.raises(ModelError) as raised:
        list(respondent(record(faulty.url)).ask([passages("one two three", scored_words=1)]))
    assert raised.value.code == "no_likelihoods"
    assert faulty.asked == []


def test_a_model_is_known_by_where_it_is_asked() -> None:
    endpoint = record("https://api.example/v1")
    found = respondent(endpoint, "org/model").resolve()
    ref = ModelRef("endpoint", "acme/org/model", "r")
    assert found.digest == content_digest(endpoint, ref)
    assert found.details == {"endpoint": "acme", "api": "chat"}
