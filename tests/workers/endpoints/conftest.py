"""Endpoints for tests: a scripted one, and real small models behind a real server."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from app.records import EndpointRecord, EndpointSettings, ModelRef
from nursery.nurse import raise_model
from nursery.recipes import plan
from tests.workers.endpoints.faulty import Faulty, chat, says, serving
from tests.workers.llms.conftest import build
from workers.assignment import Questions
from workers.endpoints.patience import Patience
from workers.endpoints.respondent import EndpointRespondent

KEY = "sk-secret-key"
QUICK = Patience(tries=4, first_s=0.001, longest_s=0.01, total_s=5.0)
GREEDY: dict[str, str | int] = {
    "chat_template": "when_present",
    "decoding": "greedy",
    "max_new_tokens": 16,
}


def quiet() -> None:
    """A heartbeat that wants nothing."""


def record(url: str, **settings: object) -> EndpointRecord:
    """An endpoint of chats at a URL."""
    chosen = replace(EndpointSettings(), **settings)  # type: ignore[arg-type]
    return EndpointRecord("acme", url, "chat", chosen, None)


def respondent(
    endpoint: EndpointRecord,
    model: str = "m",
    key: str | None = None,
    heartbeat: Callable[[], None] = quiet,
) -> EndpointRespondent:
    """Whoever answers for a model of an endpoint, with little patience."""
    ref = ModelRef("endpoint", f"{endpoint.name}/{model}", "r")
    return EndpointRespondent(endpoint, key, ref, heartbeat, QUICK)


def answers(
    *prompts: str, answered: tuple[int, ...] = (), draws: int = 1, **generation: str | int
) -> Questions:
    """Questions for text answers."""
    settings = {**GREEDY, **generation}
    return Questions("p", "answer", prompts, draws, settings, answered)


def passages(*texts: str, scored_words: int) -> Questions:
    """Questions for word scores."""
    return Questions("p", "likelihood", texts, 1, {"scored_words": scored_words}, ())


@pytest.fixture
def faulty() -> Iterator[Faulty]:
    """A server that answers every chat with "fine" until a test says otherwise."""
    with serving(Faulty(says(200, chat("fine")))) as server:
        yield server


@dataclass(frozen=True)
class Served:
    """Small real models, and the URL at which another process serves them under KEY."""

    url: str
    folders: dict[str, Path]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A model of a nursery, one whose tokens are pieces with spaces, one that marks no start."""
    root = tmp_path_factory.mktemp("served")
    founder = replace(plan("tiny", 5)[0], steps=4)
    raise_model(founder, root, seed=5)
    folders = {founder.name: root / founder.name}
    folders |= {name: build(name, root / name) for name in ("llama", "gpt2")}
    command = [sys.executable, "-m", "tests.workers.endpoints.server", KEY, *folders.values()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Served(f"http://127.0.0.1:{int(process.stdout.readline())}/v1", folders)
        finally:
            process.kill()
