"""Threads and batches follow the size of the model, and what was asked for goes first."""

from collections.abc import Iterator

import pytest
import torch

from workers.llms.machine import LARGE, SMALL, Machine, choose_machine, fit, set_threads

CPU = Machine("cpu", "a processor", torch.float32, 128, 1 << 30, 512, 3072)


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_a_small_model_gets_one_thread_and_a_large_one_keeps_what_there_is() -> None:
    set_threads(SMALL, None)
    assert torch.get_num_threads() == 2
    set_threads(SMALL - 1, None)
    assert torch.get_num_threads() == 1


def test_threads_that_are_asked_for_are_given() -> None:
    set_threads(10, 2)
    assert torch.get_num_threads() == 2
    set_threads(SMALL, 1)
    assert torch.get_num_threads() == 1


def test_a_slow_model_has_short_batches() -> None:
    assert fit(CPU, LARGE - 1, None, streamed=False).most_rows == CPU.most_rows
    assert fit(CPU, LARGE, None, streamed=False).most_rows < CPU.most_rows


def test_a_streamed_model_has_large_batches_of_the_same_passes() -> None:
    streamed = fit(CPU, LARGE, 2000, streamed=True)
    assert streamed.score_tokens == CPU.score_tokens
    assert streamed.most_rows == CPU.most_rows
    assert streamed.batch_bytes > fit(CPU, LARGE, 2000, streamed=False).batch_bytes


def test_the_cpu_works_in_float32() -> None:
    machine = choose_machine()
    assert machine.device == ("cuda" if torch.cuda.is_available() else "cpu")
    assert machine.device == "cuda" or machine.dtype == torch.float32
    assert machine.name
