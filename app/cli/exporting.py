"""`genebank export`: what is known under a protocol goes into files for other programs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.cli.console import emit, visible
from app.cli.options import ProtocolName, Server, refuse_server

if TYPE_CHECKING:
    from app.services.exporting import Exported
    from app.store.database import Database

Format = Literal["llm-dna", "answers", "vectors"]


def export(
    to: Annotated[Path, typer.Argument(metavar="OUT", help="A file or folder to be made.")],
    as_format: Annotated[
        Format,
        typer.Option(
            "--format",
            help="llm-dna: a folder of JSON that the paper's package reads. answers: a folder of "
            "answers and their probes. vectors: a file of DNA, one model a line.",
        ),
    ] = "llm-dna",
    protocol: ProtocolName = None,
    server: Server = None,
) -> None:
    """Write the DNA or the answers of all models of a protocol; `genebank import` reads them.

    Example:
      genebank export --format llm-dna --protocol lexical-v1 out
    """
    refuse_server(server, "An export")
    from app.cli.configured import load_settings, open_database
    from app.store import schema

    with open_database(load_settings()) as database:
        if database.is_sqlite:
            schema.upgrade(database)
        exported = _export(database, to, as_format, protocol)
    emit(f"{exported.models:,} models under protocol {visible(exported.protocol.name)}: {to}")


def _export(database: "Database", to: Path, as_format: Format, protocol: str | None) -> "Exported":
    from app.cli.progress import import_progress
    from app.services.exporting import export as write

    with import_progress() as progress:
        return write(database, to, as_format=as_format, protocol=protocol, progress=progress)
