"""The program `genebank`: its verbs, and how errors become one line and an exit code.

0 it went well, 1 findings, 2 usage or server error, 3 inconclusive, 130 interrupted,
141 nobody reads on.
"""

import os
import sys
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from app.cli.ancestry import ancestors, descendants
from app.cli.compare import compare
from app.cli.compare_trees import compare_trees
from app.cli.console import complain, defect, emit, err
from app.cli.db import db
from app.cli.doctor import doctor
from app.cli.endpoint import endpoint
from app.cli.evaluate import evaluate
from app.cli.evidence import evidence
from app.cli.exporting import export
from app.cli.fingerprint import fingerprint
from app.cli.fsck import fsck
from app.cli.graph import graph
from app.cli.importing import import_
from app.cli.jobs import jobs
from app.cli.models import models
from app.cli.protocol import protocol
from app.cli.rates import rates
from app.cli.reconciler import reconciler
from app.cli.relatives import relatives
from app.cli.serve import serve
from app.cli.traits import traits
from app.cli.tree import tree
from app.cli.withdraw import reinstate, withdraw
from app.cli.worker import worker
from app.cli.workers import workers
from app.errors import GenebankError

USAGE_OR_SERVER_ERROR = 2
NOBODY_READS = 141  # as a shell reports death by SIGPIPE


class Verbs(TyperGroup):
    """Runs a verb; turns the errors that we raise on purpose into a line for people."""

    def invoke(self, ctx: Any) -> Any:
        """Run the verb that was named."""
        try:
            return super().invoke(ctx)
        except GenebankError as error:
            complain(error)
            raise typer.Exit(USAGE_OR_SERVER_ERROR) from error
        except BrokenPipeError as error:
            _be_quiet()
            raise typer.Exit(NOBODY_READS) from error


app = typer.Typer(
    cls=Verbs,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(serve)
app.command()(worker)
app.command()(reconciler)
app.command()(fingerprint)
app.command(name="import")(import_)
app.command()(export)
app.command()(relatives)
app.command()(ancestors)
app.command()(descendants)
app.command()(compare)
app.command(name="compare-trees")(compare_trees)
app.command()(evidence)
app.command()(tree)
app.command()(graph)
app.command()(rates)
app.command()(traits)
app.command()(evaluate)
app.command()(models)
app.command()(withdraw)
app.command()(reinstate)
app.command()(jobs)
app.command()(workers)
app.add_typer(protocol, name="protocol")
app.add_typer(endpoint, name="endpoint")
app.add_typer(db, name="db")
app.command()(fsck)
app.command()(doctor)


def _show_version(wanted: bool) -> None:
    if wanted:
        emit(f"genebank {version('genebank')}")
        raise typer.Exit


@app.callback()
def genebank(
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=_show_version,
            help="Show the version.",
        ),
    ] = False,
) -> None:
    """A registry of LLM DNA: fingerprint models, find their relatives, draw their tree.

    Verbs work on the registry in GENEBANK_DATA_DIR, or on a running service with --server URL.
    """


def main() -> None:
    """Run the program; an error that nobody foresaw is one line too, unless debugging."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # A terminal that lacks a character still gets text.
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except Exception as error:  # noqa: BLE001  the last resort
        if _debugging():
            err().print_exception()
        complain(defect(f"{type(error).__name__}: {error}"))
        sys.exit(USAGE_OR_SERVER_ERROR)


def _be_quiet() -> None:
    """Let Python's own flush at the end go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _debugging() -> bool:
    from app.cli.configured import load_settings

    try:
        return load_settings().log_level == "debug"
    except GenebankError:
        return False
