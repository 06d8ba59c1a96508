"""`genebank import`: a file of answers or vectors goes straight into the database."""

import gc
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import emit, say, visible
from app.cli.options import Server, refuse_server
from app.errors import InputError

if TYPE_CHECKING:
    from app.services.import_file import Method
    from app.services.importing import Duplicate, Imported
    from app.store.database import Database

STDIN = Path("-")


def import_(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="Answers, vectors or an exported registry, .jsonl or .jsonl.gz, - for stdin; "
            "vectors as Parquet; or what llm-dna wrote, a .json or a folder.",
        ),
    ],
    probes: Annotated[
        Path | None,
        typer.Option("--probes", metavar="FILE", help="The probes that were answered, .json."),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help="Name the protocol so.", show_default=False),
    ] = None,
    encoder: Annotated[
        str | None,
        typer.Option(
            "--encoder",
            metavar="NAME",
            help="Encode answers as the paper does, with this encoder of GENEBANK_ENCODERS_DIR.",
            show_default=False,
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="FILE",
            help="List the models that are there already, one JSON object a line.",
            show_default=False,
        ),
    ] = None,
    server: Server = None,
) -> None:
    """Import what many models answered, or vectors of them; makes the protocol when it is new.

    Nothing is stored of a file with a bad line. An import that was interrupted goes on when it is
    run again.

    Example:
      genebank import answers.jsonl.gz --probes probes.json
    """
    refuse_server(server, "An import")
    from app.cli.configured import load_settings, open_database
    from app.services.import_file import Method
    from app.services.trees.growing_standing import submit_due

    settings = load_settings()
    encoder_at = None if encoder is None else (settings.resolved_encoders_dir, encoder)
    with open_database(settings) as database:
        if database.is_sqlite:
            from app.store import schema  # It takes half a second.

            schema.upgrade(database)
        with _on_disk(file) as path, _reporting(report) as duplicate:
            imported = _import(database, path, Method(probes, name, encoder_at), duplicate)
        example = _example(database, imported[0]) if imported else None
        trees = submit_due(database, settings.tree_at_once)
    for part in imported:
        emit(
            f"{part.added:,} added, {part.duplicates:,} there already, "
            f"under protocol {visible(part.protocol.name)}."
        )
        if part.withdrawn:
            say(f"{part.withdrawn:,} are withdrawn and stay so: `genebank reinstate` undoes that.")
    if encoder is not None:
        say("They wait for their encoder: `genebank serve` runs it, `genebank jobs` shows how far.")
    elif example is not None:
        say(f"Next: genebank relatives {quote(example)}")
    if trees:
        say("Their tree is large and waits for a worker: `genebank serve` or `genebank worker`.")


@contextmanager
def _on_disk(file: Path) -> Iterator[Path]:
    """The file itself; what comes by standard input is kept, for it is read twice."""
    if file != STDIN:
        yield file
        return
    with NamedTemporaryFile(prefix="genebank-", suffix=".jsonl") as kept:
        shutil.copyfileobj(sys.stdin.buffer, kept)
        kept.flush()
        yield Path(kept.name)


@contextmanager
def _reporting(report: Path | None) -> "Iterator[Duplicate]":
    """What writes down each duplicate as it is found, if anybody wants to know."""
    if report is None:
        yield lambda _label, _protocol: None
        return
    try:
        with report.open("w", encoding="utf-8") as file:
            yield lambda label, protocol: print(
                json.dumps({"model": label, "protocol": protocol}), file=file
            )
    except OSError as error:
        raise InputError("unwritable", f"{report} cannot be written: {error.strerror}.") from error


def _import(
    database: "Database", file: Path, method: "Method", duplicate: "Duplicate"
) -> "list[Imported]":
    from app.cli.progress import import_progress
    from app.services.import_file import import_file
    from app.services.import_llm_dna import import_llm_dna
    from app.services.llm_dna_files import is_llm_dna
    from app.services.parquet.columns import is_parquet
    from app.services.registry_file.importing import import_registry
    from app.services.registry_file.reading import is_registry

    # What is loaded by now stays: looking for garbage in it would cost a tenth of an import.
    gc.freeze()
    with import_progress() as progress:
        if is_llm_dna(file):
            _refuse(method, "Files of llm-dna hold their probes and their DNA")
            return import_llm_dna(database, file, method.name, progress, duplicate)
        if not is_parquet(file) and is_registry(file):
            _refuse(method, "A registry holds its protocols", method.name)
            return import_registry(database, file, progress, duplicate)
        return [import_file(database, file, method, progress, duplicate)]


def _refuse(method: "Method", why: str, name: str | None = None) -> None:
    if any(option is not None for option in (method.probes, method.encoder, name)):
        raise InputError("bad_usage", f"{why}: leave these options out.")


def _example(database: "Database", imported: "Imported") -> str | None:
    from app.store import entries, models

    with database.read() as session:
        oldest = entries.oldest(session, imported.protocol, 1)
        owners = models.by_digest(session, [entry.model_digest for entry in oldest])
        return next((several[0].name for several in owners.values()), None)
