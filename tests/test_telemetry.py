"""Logs: one line an event, of the asked level, and no name from outside drives a terminal."""

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import telemetry

HOSTILE = "\x1b[31mred\x1b[0m\rover\nnext \u202eturned \x00 \x9b2J"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)
    telemetry._hidden.clear()
    logging.getLogger().handlers = [
        one for one in logging.getLogger().handlers if not isinstance(one, telemetry._Forwarder)
    ]


def logged(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, level: str = "info"
) -> io.StringIO:
    monkeypatch.setattr(sys, "stderr", stream)
    telemetry.configure(level)
    return stream


def test_machines_get_one_object_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = logged(monkeypatch, io.StringIO())
    with structlog.contextvars.bound_contextvars(job="job_1"):
        structlog.get_logger().info("job succeeded", seconds={"load": 1.5})
    structlog.get_logger().warning("lease lost")
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (first["event"], first["level"], first["job"]) == ("job succeeded", "info", "job_1")
    assert first["seconds"] == {"load": 1.5}
    assert first["timestamp"].endswith("Z")
    assert (second["event"], second["level"]) == ("lease lost", "warning")
    assert "job" not in second


@pytest.mark.parametrize(
    ("level", "heard"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)]
)
def test_only_the_asked_levels_are_heard(
    monkeypatch: pytest.MonkeyPatch, level: str, heard: int
) -> None:
    stream = logged(monkeypatch, io.StringIO(), level)
    for name in ("debug", "info", "warning", "error"):
        getattr(structlog.get_logger(), name)("said")
    assert len(stream.getvalue().splitlines()) == heard


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(st.characters(), max_size=20))
def test_any_name_stays_on_one_line(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    stream = logged(monkeypatch, io.StringIO())
    structlog.get_logger().info(text, model=text)
    [line] = stream.getvalue().splitlines()
    assert line.isprintable()
    if text.isprintable():
        assert json.loads(line)["model"] == text


def test_no_name_drives_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = logged(monkeypatch, Terminal())
    structlog.get_logger().info("plain")
    colours = stream.getvalue()
    assert "\x1b[" in colours, "people get colours"
    structlog.get_logger().info(HOSTILE, model=HOSTILE)
    assert len(stream.getvalue().splitlines()) == 2
    try:
        raise ValueError(HOSTILE)
    except ValueError:
        structlog.get_logger().exception("broke")
    shown = stream.getvalue().removeprefix(colours)
    assert "Traceback" in shown
    assert "\x1b[31mred" not in shown
    assert not set("\r\x00\x9b\u202e") & set(shown)


def test_no_secret_of_the_settings_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = logged(monkeypatch, io.StringIO())
    telemetry.hide(["canary word", "no"])
    try:
        raise OSError("cannot reach canary word at host")
    except OSError as error:
        structlog.get_logger().exception("canary word broke", why=error, seen=["canary word", {}])
        structlog.get_logger().info("x", nested={"a": ("canary word", 1.5, None)}, url=error)
    text = stream.getvalue()
    assert "canary" not in text
    assert "cannot reach *** at host" in text
    assert json.loads(text.splitlines()[1])["nested"] == {"a": ["***", 1.5, None]}
    assert "no" in text, "too short to be hidden"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("token hf_" + "abcd" * 6 + " is bad", "token *** is bad"),
        ("postgresql://me:canary@host/db", "postgresql://***@host/db"),
        ("redis://:canary%2Fword@host:6379/0", "redis://***@host:6379/0"),
        ("Authorization: Bearer canary.canary-x", "Authorization: Bearer ***"),
        ("sk-canary-canary-canary-1", "***"),
        ("gb_k1_" + "s" * 32, "***"),
        ("hf:org/name@" + "a" * 40, "hf:org/name@" + "a" * 40),
        ("https://host/a:b@c", "https://host/a:b@c"),
    ],
)
def test_what_looks_like_a_secret_is_not_written(
    monkeypatch: pytest.MonkeyPatch, text: str, left: str
) -> None:
    stream = logged(monkeypatch, io.StringIO())
    structlog.get_logger().info("said", text=text)
    assert json.loads(stream.getvalue())["text"] == left


def test_what_libraries_log_goes_the_same_way(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = logged(monkeypatch, io.StringIO())
    telemetry.configure("info")
    logging.getLogger("some.library").warning("100 %% of\n%s", "it")
    logging.getLogger("some.library").info("chatter")
    [line] = stream.getvalue().splitlines()
    said = json.loads(line)
    assert (said["event"], said["level"], said["library"]) == (
        "100 % of\\nit",
        "warning",
        "some.library",
    )
