"""Progress bars on standard error; where it is no terminal, a line for each job that ended."""

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


@contextmanager
def import_progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar for an import; yields what it calls with (stage, done, total)."""
    with _bars(err()) as bars:
        tasks: dict[str, TaskID] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                for task in bars.tasks:  # Stages follow each other: those before are done.
                    bars.update(task.id, total=task.completed)
                tasks[stage] = bars.add_task(stage, total=None)
            bars.update(tasks[stage], completed=done, total=total or None)

        yield show


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


class _Amount(ProgressColumn):
    """How much of a task is done, in the unit of its stage."""

    def render(self, task: Task) -> RenderableType:
        """Draw it anew."""
        return amount(task.fields.get("stage", ""), task.completed, task.total)


def _name(job: Job) -> str:
    name: str = job["model"]["name"]
    return name if job["replicate"] is None else f"{name}, {work(job)}"


def _bars(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        _Amount(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )
