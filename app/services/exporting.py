"""Use case: what is known under one protocol is written to files for other programs."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.dna.protocol import Protocol
from app.errors import InputError, NotFoundError
from app.records import EntryRecord, ModelRecord
from app.services.default_protocol import for_tree
from app.services.export_files import (
    LONGEST_STEM,
    PARTIAL,
    Source,
    write_answers,
    write_llm_dna,
    write_vectors,
)
from app.services.llm_dna_signature import Known
from app.store import entries, models, protocols
from app.store.database import Database, Session

Format = Literal["llm-dna", "answers", "vectors"]
Progress = Callable[[str, int, int], None]

BATCH = 500  # SQLite takes some thousands of ids in one query.


@dataclass(frozen=True)
class Exported:
    """What an export wrote."""

    protocol: Protocol
    models: int


_WRITERS: dict[Format, Callable[[Source, Path], None]] = {
    "llm-dna": write_llm_dna,
    "answers": write_answers,
    "vectors": write_vectors,
}


def export(
    database: Database, to: Path, *, as_format: Format, protocol: str | None, progress: Progress
) -> Exported:
    """Write every model of a protocol, that of the name or the most telling one, whole or not.

    `llm-dna`: a folder of one `<model>_dna.json` each. `answers`: a folder with `probes.json`
    and `answers.jsonl.gz`. `vectors`: a file of lines (.gz too). `import` reads all of them.

    Raises InputError `exists_already`, `no_answers`, `unwritable`; NotFoundError
    `no_such_protocol` or `no_entries`.
    """
    if to.exists():
        raise InputError("exists_already", f"{to} exists: name what does not exist yet.")
    with database.read() as session:
        chosen = protocols.get(session, protocol) if protocol else for_tree(session)
        wanted = entries.oldest(session, chosen, entries.count(session, chosen.digest))
        if not wanted:
            raise NotFoundError("no_entries", f"No model has an entry under {chosen.name} yet.")
        known = _reported(_known(session, wanted), len(wanted), progress)
        partial = to.with_name(to.name + PARTIAL)
        _remove(partial)
        try:
            _WRITERS[as_format](Source(session, chosen, known), partial)
            partial.rename(to)
        except OSError as error:
            raise InputError("unwritable", f"{to} cannot be written: {error.strerror}.") from error
        finally:
            _remove(partial)
    return Exported(chosen, len(wanted))


def _known(session: Session, wanted: list[EntryRecord]) -> Iterator[Known]:
    batches = [wanted[start : start + BATCH] for start in range(0, len(wanted), BATCH)]
    owners: dict[str, ModelRecord] = {}
    for batch in batches:
        owners |= models.by_ids(session, [entry.model_id for entry in batch])
    times = Counter(model.name for model in owners.values())
    for batch in batches:
        claims = models.claims_of_each(session, [entry.model_id for entry in batch])
        details = entries.details_of(session, batch)
        for entry in batch:
            model = owners[entry.model_id]
            label = _label(model, unique=times[model.name] == 1)
            yield Known(label, entry, details[entry.id], model, claims.get(entry.model_id, []))


def _label(model: ModelRecord, *, unique: bool) -> str:
    return model.name if unique else f"{model.name[:LONGEST_STEM]}@{model.ref.revision[:16]}"


def _reported(known: Iterator[Known], total: int, progress: Progress) -> Iterator[Known]:
    for done, one in enumerate(known, 1):
        yield one
        progress("export", done, total)


def _remove(path: Path) -> None:
    """Remove what an export that failed or was killed has left."""
    if path.is_dir():
        shutil.rmtree(path)
    elif path.exists():
        path.unlink()
