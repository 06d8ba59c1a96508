"""Progress as a terminal shows it, and as a file gets it."""

from typing import Any

import pytest

from app.cli.progress import job_progress


def job(state: str, stage: str = "", done: int = 0, total: int = 0, **more: Any) -> dict[str, Any]:
    progress = {"done": done, "total": total}
    about = {"id": "job_1", "kind": "extract", "model": {"name": "[red]wolf"}, "replicate": None}
    return {**about, "state": state, "stage": stage, "progress": progress, **more}


def told(capsys: pytest.CaptureFixture[str], *states: dict[str, Any]) -> str:
    with job_progress() as show:
        for state in states:
            show(state)
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (job("running", "download", 1_500_000, 4_000_000_000), "1.5 MB/4 GB"),
        (job("running", "answer", 12, 128), "12/128"),
        (job("running", "load"), "0/?"),
        (job("succeeded", "done"), "[red]wolf  succeeded"),
        (job("running", "answer", replicate=2), "[red]wolf, replicate 2  answer"),
    ],
)
def test_a_terminal_gets_a_bar(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    state: dict[str, Any],
    said: str,
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    assert said in told(capsys, job("queued"), state)


def test_a_file_gets_a_line_for_each_change_of_state(capsys: pytest.CaptureFixture[str]) -> None:
    states = (job("queued"), job("running"), job("running", "answer", 1, 2), job("failed"))
    assert told(capsys, *states).splitlines() == [
        "[red]wolf: queued",
        "[red]wolf: running",
        "[red]wolf: failed",
    ]
