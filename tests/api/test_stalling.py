"""A body that stops coming is given up; an answer that takes long is not."""

import asyncio

import pytest
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from app.api.stalling import Stalling

PATIENCE_S = 0.05


async def _none(_: Message) -> None: ...


def ask(messages: list[Message | float], reads: int) -> list[Message]:
    """What an app reads of a client that sends these messages, after pauses in between."""
    seen: list[Message] = []

    async def receive() -> Message:
        while isinstance(messages[0], float):  # noqa: ASYNC110
            await asyncio.sleep(messages.pop(0))  # type: ignore[arg-type]
        return messages.pop(0)  # type: ignore[return-value]

    async def app(_: Scope, receive: Receive, _send: Send) -> None:
        for _number in range(reads):
            seen.append(await receive())  # noqa: PERF401

    asyncio.run(Stalling(app, PATIENCE_S)({"type": "http"}, receive, _none))
    return seen


def part(more: bool) -> Message:
    return {"type": "http.request", "body": b"x", "more_body": more}


def test_a_body_that_comes_is_read() -> None:
    assert len(ask([part(True), 0.01, part(True), 0.01, part(False)], 3)) == 3


def test_a_body_that_stops_is_408() -> None:
    with pytest.raises(HTTPException) as caught:
        ask([part(True), 0.5, part(False)], 2)
    assert caught.value.status_code == 408


def test_after_the_body_silence_is_usual() -> None:
    assert len(ask([part(False), 0.2, {"type": "http.disconnect"}], 2)) == 2
