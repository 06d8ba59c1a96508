import os
from collections.abc import Iterator

import pytest

from app.errors import SetupError
from benchmarks.sides import Side, cpu_s, median_s, running, wall_s

EXAMPLE = "tests.benchmarks.example_side"


@pytest.fixture
def side() -> Iterator[Side]:
    with running(EXAMPLE) as example:
        yield example


def test_one_process_answers_all_questions_whatever_it_prints_meanwhile(side: Side):
    first, second = side.ask("add", numbers=[1, 2]), side.ask("add", numbers=[3])
    assert [first["total"], second["total"]] == [3, 3]
    assert first["pid"] == second["pid"] != os.getpid()


def test_seconds_are_of_the_clock_and_of_processors(side: Side):
    reply = side.ask("add", numbers=list(range(100_000)))
    assert 0 < wall_s(reply) == wall_s(reply, "add")
    assert cpu_s(reply) <= wall_s(reply) + 0.01


def test_a_broken_side_is_an_error_that_says_why(side: Side):
    with pytest.raises(SetupError, match=r"(?s)example_side broke: .*TypeError") as error:
        side.ask("add", numbers=["one"])
    assert error.value.code == "side_failed"
    with pytest.raises(SetupError):
        side.ask("add", numbers=[1])


def test_a_side_that_cannot_start_is_an_error_that_says_why():
    with running("tests.benchmarks.nothing") as side, pytest.raises(SetupError, match="No module"):
        side.ask("add", numbers=[1])


def test_medians_are_taken_phase_by_phase():
    replies = [
        {"seconds": {"load": {"wall_s": load, "cpu_s": 0}, "ask": {"wall_s": ask, "cpu_s": 0}}}
        for load, ask in ((1, 9), (2, 7), (5, 8))
    ]
    assert median_s(replies) == {"load": 2, "ask": 8}
    assert wall_s(replies[0]) == 10
    assert wall_s(replies[0], "ask") == 9
