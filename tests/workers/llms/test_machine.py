"""Threads and rows follow the size of the model, and what was asked for goes first."""

from collections.abc import Iterator

import pytest
import torch

from workers.llms.machine import SMALL, Machine, choose_machine, fit, keep_freed_memory

CPU = Machine("cpu", torch.float32, 1 << 30, 32)


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_a_small_model_gets_one_thread_and_more_rows() -> None:
    assert fit(CPU, SMALL - 1, None).most_rows > CPU.most_rows
    assert torch.get_num_threads() == 1


def test_a_large_model_keeps_what_there_is() -> None:
    assert fit(CPU, SMALL, None) == CPU
    assert torch.get_num_threads() == 2


def test_threads_that_are_asked_for_are_given() -> None:
    fit(CPU, 10, 2)
    assert torch.get_num_threads() == 2
    fit(CPU, SMALL, 1)
    assert torch.get_num_threads() == 1


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has more than a CPU")
def test_the_cpu_works_in_float32() -> None:
    machine = choose_machine()
    assert (machine.device, machine.dtype) == ("cpu", torch.float32)


def test_memory_manners_leave_allocation_working() -> None:
    keep_freed_memory()
    keep_freed_memory()
    assert torch.ones(1 << 20).sum() == 1 << 20
