"""Which GPUs are lent: those that are named, else those that the driver shows."""

from pathlib import Path

import pytest

from app.gpus import lent


@pytest.mark.parametrize(
    ("named", "gpus"),
    [
        ("", ()),
        ("-1", ()),
        ("0", ("0",)),
        (" 2, GPU-8932f937 ,0", ("2", "GPU-8932f937", "0")),
        ("0,0,1", ("0", "0", "1")),
        ("1,-1,0", ("1",)),
    ],
)
def test_those_that_are_named(named: str, gpus: tuple[str, ...]) -> None:
    assert lent(named) == gpus


def test_else_those_that_the_driver_shows(tmp_path: Path) -> None:
    assert lent(None, tmp_path) == ()
    for name in ("nvidia0", "nvidia3", "nvidiactl", "nvidia-uvm", "null"):
        (tmp_path / name).touch()
    assert lent(None, tmp_path) == ("0", "1")
