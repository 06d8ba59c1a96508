"""Use case: what the paper's package wrote is handed in, a file or a folder of them."""

from functools import partial
from pathlib import Path

from app.dna.protocol import Protocol
from app.errors import InputError
from app.services.importing import Duplicate, Imported, Part, Progress, import_parts, unheard
from app.services.llm_dna_files import files_in, read_file, read_files
from app.store.database import Database


def import_llm_dna(
    database: Database,
    path: Path,
    name: str | None,
    progress: Progress,
    duplicate: Duplicate = unheard,
) -> list[Imported]:
    """Import signatures and responses whole or not at all, each way of making them by itself.

    Raises InputError on anything wrong with the files, or `bad_usage` when `name` would have to
    name several protocols; ConflictError `name_taken`.
    """
    found: dict[str, tuple[Protocol, list[Path]]] = {}
    for file in files_in(path):
        protocol, _ = read_file(file, name)
        found.setdefault(protocol.digest, (protocol, []))[1].append(file)
    if name is not None and len(found) > 1:
        raise InputError(
            "bad_usage",
            f"These files were made in {len(found)} ways, which cannot share a name: leave --name "
            "out, or import them one folder at a time.",
        )
    parts = [Part(protocol, partial(read_files, files)) for protocol, files in found.values()]
    return import_parts(database, parts, progress, duplicate)
