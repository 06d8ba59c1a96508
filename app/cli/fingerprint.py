"""`genebank fingerprint`: models are handed in, and their jobs watched until they end."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import emit_json, out, say, shown, table
from app.cli.job_words import Job, trouble, usage, work
from app.cli.options import AsJson, Server
from app.errors import InputError
from app.hub.names import is_bare

if TYPE_CHECKING:
    from app.cli.client import Client

SOURCES = ("local", "hf", "endpoint", "import")
INTERRUPTED = 130
NOT_ALL_SUCCEEDED = 2


def fingerprint(
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL",
            help="Directories in Hugging Face format, names on the hub, or refs.",
        ),
    ],
    protocols: Annotated[
        list[str] | None,
        typer.Option(
            "--protocol",
            metavar="NAME",
            help="Ask under this protocol, not the default ones; may be repeated.",
            show_default=False,
        ),
    ] = None,
    replicates: Annotated[
        int,
        typer.Option(
            "--replicates",
            metavar="K",
            min=0,
            help="Ask K more times, to learn how far a model is from itself.",
        ),
    ] = 0,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Only hand them in.")] = False,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Fingerprint models; exit code 2 when a job does not succeed.

    A directory goes before a model of the hub with the same name. With --server, directories are
    those of the service's machine.

    Examples:
      genebank fingerprint ./models/tiny-llama
      genebank fingerprint Qwen/Qwen3-0.6B --replicates 3
      genebank fingerprint endpoint:name/model --protocol lexical-sampled-v1
      genebank fingerprint ./models/* --server http://127.0.0.1:8321
    """
    refs = [_ref(model) for model in models]
    wishes = {"protocols": protocols or None, "replicates": replicates}
    with _registry(server, refs, worker=not no_wait) as client:
        jobs = _hand_in(client, refs, wishes)
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
    """A directory or a name on the hub becomes a ref; what is a ref already stays."""
    if model.partition(":")[0] in SOURCES:
        return model
    if Path(model).is_dir():
        return f"local:{Path(model).absolute()}"
    if is_bare(model):
        return f"hf:{model}"
    raise InputError(
        "no_such_directory",
        f"There is no directory {model}, and no model of the hub has such a name: give a "
        "directory, org/name, or a ref such as hf:gpt2 or endpoint:name/model.",
    )


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


def _hand_in(client: "Client", refs: list[str], wishes: Mapping[str, object]) -> list[Job]:
    jobs: dict[str, Job] = {}
    for ref in refs:
        handed_in = client.post("/v1/models", {"model": ref, **wishes}).data
        for job in (handed_in["job"], *handed_in["replicates"]):
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
    paid_too = ["usage"] if any(job["usage"] for job in jobs) else []
    shows = table(
        ["model", "makes", "state", "seconds", *paid_too, "error", "job"], numbers=["seconds"]
    )
    for job in jobs:
        shows.add_row(
            shown(job["model"]["name"], "bold"),
            work(job),
            shown(job["state"]),
            _seconds(job),
            *([usage(job)] if paid_too else []),
            shown(trouble(job)),
            shown(job["id"]),
        )
    out().print(shows)


def _seconds(job: Job) -> str:
    """From being accepted to the last change."""
    begun, changed = (datetime.fromisoformat(job[key]) for key in ("created_at", "updated_at"))
    return f"{(changed - begun).total_seconds():.1f}"


def _serve_hint(server: str | None) -> str:
    return "" if server else " They are done when `genebank serve` runs."
