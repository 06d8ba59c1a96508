from typing import get_args

import pytest

from app.broker.queues import QUEUES, SizeClasses
from app.settings import Queue


@pytest.mark.parametrize(
    ("weight_bytes", "queue"),
    [(None, "cpu"), (0, "cpu"), (9, "cpu"), (10, "gpu"), (99, "gpu"), (100, "large")],
)
def test_a_model_belongs_to_the_queue_of_its_size(weight_bytes: int | None, queue: str) -> None:
    assert SizeClasses(10, 100).queue(weight_bytes) == queue


def test_a_class_may_be_empty() -> None:
    assert SizeClasses(0, 0).queue(0) == "large"
    assert SizeClasses(100, 10).queue(50) == "cpu"


def test_the_settings_know_the_same_queues() -> None:
    assert get_args(Queue) == QUEUES
