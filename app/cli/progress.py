"""Progress bars on standard error; where it is no terminal, a line for each job that ended."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from app.cli.console import err, say, shown
from app.cli.following import has_ended
from app.cli.job_words import Job, amount, work

REDRAWN_S = 0.1


@contextmanager
def import_progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar with its rate, for an import or an export; yields what takes (stage, done, total)."""
    with _bars(err(), _Rate()) as bars:
        yield _Stages(bars).show


class _Stages:
    """One bar a stage, drawn ten times a second at most: an import tells of every line."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}
        self._last = (0, 0)
        self._next = 0.0

    def show(self, stage: str, done: int, total: int) -> None:
        """Show how far a stage is; those before it are done."""
        if stage not in self._tasks:
            for task in self._bars.tasks:
                self._bars.update(task.id, completed=self._last[0], total=self._last[0])
            self._tasks[stage] = self._bars.add_task(stage, total=None)
            self._next = 0.0
        self._last = (done, total)
        now = time.monotonic()
        if now >= self._next or done == total:
            self._next = now + REDRAWN_S
            self._bars.update(self._tasks[stage], completed=done, total=total or None)


@contextmanager
def job_progress() -> Iterator[Callable[[Job], None]]:
    """A bar for every job that was begun; yields what takes each new state of a job."""
    console = err()
    with _bars(console) as bars:
        shows = _JobBars(bars) if console.is_terminal else _JobLines()
        yield shows.show


class _JobBars:
    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def show(self, job: Job) -> None:
        """Show a job's stage and how far it is; queued jobs have no bar yet."""
        if job["state"] == "queued" and job["id"] not in self._tasks:
            return
        if job["id"] not in self._tasks:
            self._tasks[job["id"]] = self._bars.add_task("", total=None)
        doing = job["stage"] if job["state"] == "running" else job["state"]
        self._bars.update(
            self._tasks[job["id"]],
            description=shown(f"{_name(job)}  {doing}").markup,
            stage=job["stage"],
            completed=job["progress"]["done"],
            total=job["progress"]["total"] or (1 if has_ended(job) else None),
        )


class _JobLines:
    def __init__(self) -> None:
        self._said: dict[str, str] = {}

    def show(self, job: Job) -> None:
        """Say so when a job's state is another than before."""
        if self._said.get(job["id"]) != job["state"]:
            self._said[job["id"]] = job["state"]
            say(f"{_name(job)}: {job['state']}")


class _Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> RenderableType:
        """Draw it anew."""
        return "" if task.speed is None else f"{task.speed:,.0f}/s"


class _Amount(ProgressColumn):
    """How much of a task is done, in the unit of its stage."""

    def render(self, task: Task) -> RenderableType:
        """Draw it anew."""
        return amount(task.fields.get("stage", ""), task.completed, task.total)


def _name(job: Job) -> str:
    name: str = job["model"]["name"]
    return name if job["replicate"] is None else f"{name}, {work(job)}"


def _bars(console: Console, *more: ProgressColumn) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        _Amount(),
        *more,
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )
