"""`genebank fingerprint`: models are handed in, and their jobs watched until they end."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.console import emit_json, out, say, shown, table
from app.cli.options import AsJson, Server
from app.errors import InputError

if TYPE_CHECKING:
    from app.cli.client import Client

Job = Mapping[str, Any]
SOURCES = ("local", "hf", "endpoint", "import")
INTERRUPTED = 130
NOT_ALL_SUCCEEDED = 2


def fingerprint(
    models: Annotated[
        list[str],
        typer.Argument(metavar="MODEL", help="Directories in Hugging Face format, or refs."),
    ],
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Only hand them in.")] = False,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Fingerprint models; exit code 2 when a job does not succeed.

    With --server, directories are those of the service's machine.

    Examples:
      genebank fingerprint ./models/tiny-llama
      genebank fingerprint ./models/* --server http://127.0.0.1:8321
    """
    refs = [_ref(model) for model in models]
    with _registry(server, refs, worker=not no_wait) as client:
        jobs = _hand_in(client, refs)
        if not no_wait:
            jobs = _follow(client, jobs)
    if as_json:
        emit_json(json.dumps({"data": jobs}, ensure_ascii=False))
    else:
        _show(jobs)
    if no_wait:
        say("Handed in: `genebank jobs` shows how far they are." + _serve_hint(server))
    elif any(job["state"] != "succeeded" for job in jobs):
        raise typer.Exit(NOT_ALL_SUCCEEDED)


def _ref(model: str) -> str:
    """A directory becomes a ref; what is a ref already stays."""
    if model.partition(":")[0] in SOURCES:
        return model
    if not Path(model).is_dir():
        raise InputError(
            "no_such_directory",
            f"There is no directory {model}: give one, or a ref such as local:/path.",
        )
    return f"local:{Path(model).absolute()}"


@contextmanager
def _registry(server: str | None, refs: list[str], *, worker: bool) -> Iterator["Client"]:
    from app.cli.client import connect
    from app.cli.configured import load_settings

    if server:
        with connect(server) as client:
            yield client
        return
    # Whoever runs the embedded registry is its operator: what they name, they allow.
    named = [Path(ref.removeprefix("local:")) for ref in refs if ref.startswith("local:")]
    settings = load_settings()
    roots = (*settings.local_roots, *named)
    settings = settings.model_copy(update={"local_roots": roots})
    with connect(None, settings=settings, worker=worker) as client:
        yield client


def _hand_in(client: "Client", refs: list[str]) -> list[Job]:
    jobs: dict[str, Job] = {}
    for ref in refs:
        job = client.post("/v1/models", {"model": ref}).data["job"]
        jobs[job["id"]] = job
    return list(jobs.values())


def _follow(client: "Client", jobs: list[Job]) -> list[Job]:
    from app.cli.following import follow
    from app.cli.progress import job_progress

    try:
        with job_progress() as show:
            return follow(client, jobs, show)
    except KeyboardInterrupt as error:
        goes_on = "`genebank serve` or the same command" if client.is_embedded else "the service"
        say(f"Stopped watching. Nothing is lost: {goes_on} goes on with the jobs.")
        raise typer.Exit(INTERRUPTED) from error


def _show(jobs: list[Job]) -> None:
    shows = table(["model", "state", "seconds", "error", "job"], numbers=["seconds"])
    for job in jobs:
        error = job["error"] or {}
        shows.add_row(
            shown(job["model"]["name"], "bold"),
            shown(job["state"]),
            _seconds(job),
            shown(f"{error['code']}: {error['detail']}" if error else ""),
            shown(job["id"]),
        )
    out().print(shows)


def _seconds(job: Job) -> str:
    """From being accepted to the last change."""
    begun, changed = (datetime.fromisoformat(job[key]) for key in ("created_at", "updated_at"))
    return f"{(changed - begun).total_seconds():.1f}"


def _serve_hint(server: str | None) -> str:
    return "" if server else " They are done when `genebank serve` runs."
