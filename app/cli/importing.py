"""`genebank import`: a file of answers or vectors goes straight into the database."""

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import emit, say, visible
from app.cli.options import Server, refuse_server
from app.errors import InputError

if TYPE_CHECKING:
    from app.services.import_file import Method
    from app.services.importing import Imported
    from app.store.database import Database


def import_(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="Answers or vectors, .jsonl or .jsonl.gz; or what llm-dna wrote, a .json or a "
            "folder.",
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
    server: Server = None,
) -> None:
    """Import what many models answered, or vectors of them; makes the protocol when it is new.

    Example:
      genebank import answers.jsonl.gz --probes probes.json
    """
    refuse_server(server, "An import")
    from app.cli.configured import load_settings, open_database
    from app.services.import_file import Method
    from app.store import schema

    settings = load_settings()
    encoder_at = None if encoder is None else (settings.resolved_encoders_dir, encoder)
    with open_database(settings) as database:
        if database.is_sqlite:
            schema.upgrade(database)
        imported = _import(database, file, Method(probes, name, encoder_at))
        example = _example(database, imported[0])
    for part in imported:
        emit(
            f"{part.added:,} added, {part.duplicates:,} there already, "
            f"under protocol {visible(part.protocol.name)}."
        )
    if encoder is not None:
        say("They wait for their encoder: `genebank serve` runs it, `genebank jobs` shows how far.")
    elif example is not None:
        say(f"Next: genebank relatives {quote(example)}")


def _import(database: "Database", file: Path, method: "Method") -> "list[Imported]":
    from app.cli.progress import import_progress
    from app.services.import_file import import_file
    from app.services.import_llm_dna import import_llm_dna
    from app.services.llm_dna_files import is_llm_dna

    with import_progress() as progress:
        if not is_llm_dna(file):
            return [import_file(database, file, method, progress)]
        if method.probes is not None or method.encoder is not None:
            raise InputError(
                "bad_usage",
                "Files of llm-dna hold their probes and their DNA: leave these options out.",
            )
        return import_llm_dna(database, file, name=method.name, progress=progress)


def _example(database: "Database", imported: "Imported") -> str | None:
    from app.store import entries, models

    with database.read() as session:
        oldest = entries.oldest(session, imported.protocol, 1)
        return models.get(session, oldest[0].model_id).name if oldest else None
