"""Use case: answers or vectors come over the network, of a protocol that is known by name."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from app.dna.protocol import Protocol, reported_answers, reported_vectors
from app.errors import InputError
from app.records import check_label
from app.services import known_protocols
from app.services.handed_in import kind_of, read, vector_size
from app.services.importing import Imported, Part, import_parts
from app.services.parquet.columns import is_parquet
from app.services.registry_file.reading import is_registry
from app.store.database import Database, Session

# Labels of duplicates that an answer lists.
MOST_LISTED = 1000


def import_body(
    database: Database, path: Path, probes: str | None, name: str | None
) -> tuple[Imported, list[str]]:
    """Import a file of answers or vectors as `import_parts` does; list up to MOST_LISTED labels
    that were there already.

    `probes` names a protocol whose probes were answered; `name` the protocol of vectors, or a new
    one of answers. Raises InputError on anything wrong with the file or the names; NotFoundError
    `no_such_protocol`; ConflictError `name_taken`.
    """
    if is_registry(path):
        raise InputError(
            "bad_usage",
            "A registry is believed in all that it says, so it is imported beside the database: "
            "genebank import FILE.",
        )
    if is_parquet(path):
        raise InputError(
            "bad_usage", "Parquet is imported by the command, beside the database: send lines."
        )
    kind = kind_of(path)
    if kind == "vector":
        protocol = _of_vectors(path, probes, name)
    else:
        with database.read() as session:
            protocol = _of_answers(session, probes, name)
    size = protocol.width if kind == "vector" else protocol.n_probes
    part = Part(protocol, partial(read, path, kind, size))
    there: list[str] = []

    def duplicate(label: str, _protocol: str) -> None:
        if len(there) < MOST_LISTED:
            there.append(label)

    [imported] = import_parts(database, [part], lambda *_: None, duplicate)
    return imported, there


def _of_vectors(path: Path, probes: str | None, name: str | None) -> Protocol:
    if probes is not None or name is None:
        raise InputError(
            "bad_usage", "Vectors have no probes: name where they come from, with ?name=."
        )
    return reported_vectors(check_label(name), vector_size(path))


def _of_answers(session: Session, probes: str | None, name: str | None) -> Protocol:
    if probes is None:
        raise InputError(
            "bad_usage", "Answers need the probes they answer: name a protocol, with ?probes=."
        )
    protocol = known_protocols.find(session, probes)
    if protocol.response != "answer" or protocol.draws != 1:
        raise InputError("bad_usage", f"{protocol.name} does not hold one answer to each probe.")
    if not protocol.is_askable:
        return replace(protocol, name=name or protocol.name)
    probe_set = protocol.probe_set
    return reported_answers(replace(probe_set, name=name or probe_set.name))
