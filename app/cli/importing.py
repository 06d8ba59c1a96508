"""`genebank import`: a file of answers or vectors goes straight into the database."""

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import emit, say, visible
from app.cli.options import Server
from app.errors import InputError

if TYPE_CHECKING:
    from app.services.import_file import Imported
    from app.store.database import Database


def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Answers or vectors, .jsonl or .jsonl.gz.")
    ],
    probes: Annotated[
        Path | None,
        typer.Option("--probes", metavar="FILE", help="The probes that were answered, .json."),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help="Name the protocol so.", show_default=False),
    ] = None,
    server: Server = None,
) -> None:
    """Import what many models answered, or vectors of them; makes the protocol when it is new.

    Example:
      genebank import answers.jsonl.gz --probes probes.json
    """
    if server:
        raise InputError(
            "bad_usage",
            "An import runs beside the database: leave --server and GENEBANK_SERVER out, and set "
            "GENEBANK_DATA_DIR or GENEBANK_DATABASE_URL.",
        )
    from app.cli.configured import load_settings, open_database
    from app.store import schema

    with open_database(load_settings()) as database:
        if database.is_sqlite:
            schema.upgrade(database)
        imported = _import(database, file, probes, name)
        example = _example(database, imported)
    emit(
        f"{imported.added:,} added, {imported.duplicates:,} there already, "
        f"under protocol {visible(imported.protocol.name)}."
    )
    say(f"Next: genebank relatives {quote(example)}")


def _import(database: "Database", file: Path, probes: Path | None, name: str | None) -> "Imported":
    from app.cli.progress import import_progress
    from app.services.import_file import import_file

    with import_progress() as progress:
        return import_file(database, file, probes=probes, name=name, progress=progress)


def _example(database: "Database", imported: "Imported") -> str:
    from app.store import entries, models

    with database.read() as session:
        [oldest] = entries.oldest(session, imported.protocol, 1)
        return models.get(session, oldest.model_id).name
