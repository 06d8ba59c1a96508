"""Use case: what is known under one protocol is written to files for other programs."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from app.dna.projection import dna_size
from app.dna.protocol import Protocol
from app.errors import InputError, NotFoundError
from app.records import ModelRef
from app.services.default_protocol import for_tree
from app.services.export_files import (
    LONGEST_STEM,
    PARTIAL,
    Source,
    write_answers,
    write_llm_dna,
    write_vectors,
)
from app.services.labels import Labels
from app.services.llm_dna_signature import Known
from app.services.parquet.columns import needing_pyarrow
from app.store import entries, models, protocols
from app.store.bulk_pages import refs
from app.store.database import Database, Session
from app.store.dna_blocks import dna_blocks, head

Format = Literal["llm-dna", "answers", "vectors", "parquet"]
Progress = Callable[[str, int, int], None]
F32 = npt.NDArray[np.float32]

BATCH = 500  # SQLite takes some thousands of ids in one query.


@dataclass(frozen=True)
class Exported:
    """What an export wrote."""

    protocol: Protocol
    models: int


def _write_parquet(source: Source, path: Path) -> None:
    with needing_pyarrow():
        from app.services.parquet.writing import write
    write(source, path)


_WRITERS: dict[Format, Callable[[Source, Path], None]] = {
    "llm-dna": write_llm_dna,
    "answers": write_answers,
    "vectors": write_vectors,
    "parquet": _write_parquet,
}


def export(
    database: Database, to: Path, *, as_format: Format, protocol: str | None, progress: Progress
) -> Exported:
    """Write every model of a protocol, that of the name or the most telling one, whole or not.

    `llm-dna`: a folder of one `<model>_dna.json` each. `answers`: a folder with `probes.json`
    and `answers.jsonl.gz`. `vectors`: a file of lines (.gz too). `parquet`: a table of vectors,
    see services/parquet/columns.py. `import` reads all of them. Memory holds some thousand
    models, however many there are.

    Raises InputError `exists_already`, `no_answers`, `unwritable`; NotFoundError
    `no_such_protocol` or `no_entries`; SetupError `parquet_missing`.
    """
    if to.exists():
        raise InputError("exists_already", f"{to} exists: name what does not exist yet.")
    with database.read() as session:
        chosen = protocols.get(session, protocol) if protocol else for_tree(session)
        last = head(session, chosen.digest).last
        total = entries.count(session, chosen.digest)
        if not total:
            raise NotFoundError("no_entries", f"No model has an entry under {chosen.name} yet.")
        written = _Counted(_known(session, chosen, last), total, progress)
        partial = to.with_name(to.name + PARTIAL)
        _remove(partial)
        try:
            _WRITERS[as_format](Source(session, chosen, iter(written)), partial)
            partial.rename(to)
        except OSError as error:
            reason = error.strerror or error
            raise InputError("unwritable", f"{to} cannot be written: {reason}.") from error
        finally:
            _remove(partial)
    return Exported(chosen, written.done)


class _Counted:
    """A stream that counts what it passed on, and tells of it."""

    def __init__(self, known: Iterator[Known], total: int, progress: Progress) -> None:
        self._known, self._total, self._progress = known, total, progress
        self.done = 0

    def __iter__(self) -> Iterator[Known]:
        for one in self._known:
            yield one
            self.done += 1
            self._progress("export", self.done, self._total)


def _known(session: Session, protocol: Protocol, last: int) -> Iterator[Known]:
    """The entries of a protocol up to a number, by number."""
    names = Labels()
    for ref in refs(session, protocol.digest, last):
        names.add(ref.label)
    shared = names.repeated()
    for seqs, dna in dna_blocks(session, protocol.digest, dna_size(protocol), 0, last):
        for start in range(0, len(seqs), BATCH):
            chosen = slice(start, start + BATCH)
            rows = dict(zip(seqs[chosen].tolist(), dna[chosen], strict=True))
            yield from _batch(session, protocol, rows, shared)


def _batch(
    session: Session, protocol: Protocol, dna: Mapping[int, F32], shared: frozenset[int]
) -> Iterator[Known]:
    """The entries of some numbers, with their DNA; not those that are withdrawn."""
    found = entries.by_seq(session, protocol.digest, dna)
    makers = models.by_ids(session, [entry.model_id for entry in found])
    left = {entry.model_digest for entry in found if entry.model_id not in makers}
    copies = models.by_digest(session, left)
    owners = [makers.get(one.model_id) or copies[one.model_digest][0] for one in found]
    claims = models.claims_of_each(session, [model.id for model in owners])
    details = entries.details_of(session, found)
    for entry, model in zip(found, owners, strict=True):
        label = _label(model.ref, is_shared=hash(model.name) in shared)
        yield Known(
            label, entry, details[entry.id], dna[entry.seq], model, claims.get(model.id, [])
        )


def _label(ref: ModelRef, *, is_shared: bool) -> str:
    return f"{ref.label[:LONGEST_STEM]}@{ref.revision[:16]}" if is_shared else ref.label


def _remove(path: Path) -> None:
    """Remove what an export that failed or was killed has left."""
    if path.is_dir():
        shutil.rmtree(path)
    elif path.exists():
        path.unlink()
