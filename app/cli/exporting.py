"""`genebank export`: what is known under a protocol goes into files for other programs."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.cli.console import emit, say, visible
from app.cli.options import ProtocolName, Server, refuse_server

if TYPE_CHECKING:
    from app.services.exporting import Exported
    from app.services.exporting import Format as Narrow
    from app.store.database import Database

Format = Literal["llm-dna", "answers", "vectors", "parquet", "registry"]


STDOUT = Path("-")


def export(
    to: Annotated[
        Path,
        typer.Argument(
            metavar="OUT", help="A file or folder to be made; of a registry, - for stdout too."
        ),
    ],
    as_format: Annotated[
        Format,
        typer.Option(
            "--format",
            help="llm-dna: a folder of JSON that the paper's package reads. answers: a folder of "
            "answers and their probes. vectors: a file of DNA, one model a line. parquet: the same "
            "as a table with what else is known, for pandas, Polars or DuckDB. registry: a file "
            "of everything, of all protocols if none is named, for another registry.",
        ),
    ] = "llm-dna",
    protocol: ProtocolName = None,
    server: Server = None,
) -> None:
    """Write what is known under a protocol, or a whole registry; `genebank import` reads them.

    Examples:
      genebank export --format llm-dna --protocol lexical-v1 out
      genebank export --format parquet --protocol likelihood-v1 dna.parquet
      genebank export --format registry all.jsonl.gz
    """
    refuse_server(server, "An export")
    from app.cli.configured import load_settings, open_database

    with open_database(load_settings()) as database:
        if database.is_sqlite:
            from app.store import schema  # It takes half a second.

            schema.upgrade(database)
        if as_format == "registry":
            _export_registry(database, to, protocol)
            return
        exported = _export(database, to, as_format, protocol)
    emit(f"{exported.models:,} models under protocol {visible(exported.protocol.name)}: {to}")


def _export(
    database: "Database", to: Path, as_format: "Narrow", protocol: str | None
) -> "Exported":
    from app.cli.progress import import_progress
    from app.services.exporting import export as write

    with import_progress() as progress:
        return write(database, to, as_format=as_format, protocol=protocol, progress=progress)


def _export_registry(database: "Database", to: Path, protocol: str | None) -> None:
    from app.cli.progress import import_progress
    from app.services.registry_file.streaming import registry_lines
    from app.services.registry_file.writing import pass_on, write_pieces

    with import_progress() as progress:
        pieces = registry_lines(database, protocol, progress)
        if to == STDOUT:
            counts = pass_on(pieces, sys.stdout.buffer)
            sys.stdout.buffer.flush()
        else:
            counts = write_pieces(pieces, to)
    (say if to == STDOUT else emit)(
        f"{counts['models']:,} models and {counts['entries']:,} entries: {to}"
    )
