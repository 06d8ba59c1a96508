"""Use case: answers or vectors of many models are handed in as a file, one model a line."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from app.dna.protocol import REPORTED, Protocol, reported_answers, reported_vectors
from app.errors import InputError
from app.records import check_label
from app.services.handed_in import kind_of, read, vector_size
from app.services.importing import Duplicate, Imported, Part, Progress, import_parts, unheard
from app.services.paper_protocol import paper_protocol
from app.services.probe_files import read_probe_set
from app.store.database import Database


@dataclass(frozen=True)
class Method:
    """How a file is to be read: the probes that it answers, a name for the protocol, and the
    sentence encoder, (folder of encoders, name), of answers that are not encoded lexically.
    """

    probes: Path | None = None
    name: str | None = None
    encoder: tuple[Path, str] | None = None


def import_file(
    database: Database,
    path: Path,
    method: Method,
    progress: Progress,
    duplicate: Duplicate = unheard,
) -> Imported:
    """Import a file whole or not at all, as `import_parts` does.

    Raises InputError on anything wrong with the files, ConflictError `name_taken`, and what
    `paper_protocol` does.
    """
    kind = kind_of(path)
    protocol = _protocol(path, kind, method)
    size = protocol.n_probes if kind == "answers" else protocol.width
    part = Part(protocol, partial(read, path, kind, size))
    [imported] = import_parts(database, [part], progress, duplicate)
    return imported


def _protocol(path: Path, kind: str, method: Method) -> Protocol:
    if kind == "vector":
        if method.probes is not None or method.encoder is not None:
            raise InputError(
                "bad_usage", "Vectors have no probes and no encoder: leave these options out."
            )
        label = check_label(method.name or path.name.partition(".")[0])
        return reported_vectors(label, vector_size(path))
    if method.probes is None:
        raise InputError("bad_usage", "Answers need the probes they answer: add --probes FILE.")
    probe_set = read_probe_set(method.probes)
    if method.name:
        probe_set = replace(probe_set, name=method.name)
    if method.encoder is None:
        return reported_answers(probe_set)
    name = method.name or f"{probe_set.name} by {method.encoder[1]}"
    return paper_protocol(method.encoder, probe_set, REPORTED, name=name)
