"""How the index of a large protocol is made: from the database, or from a snapshot on disk."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
import structlog

from app.dna.projection import dna_size, project
from app.dna.protocol import Protocol
from app.dna.reference import Reference
from app.dna.scores import unit_rows
from app.search.engine.flat import FlatIndex
from app.search.engine.lists import ListsIndex
from app.search.engine.part import F32, I64, Part
from app.search.policy import FLAT_MOST, TRAINED, Shape, shape_for
from app.search.snapshots import Shelf, Stored
from app.store import references
from app.store.database import Session
from app.store.dna_blocks import count_between, dna_blocks, head, id_of

log = structlog.get_logger(__name__)

Sessions = Callable[[], AbstractContextManager[Session]]
# Rounding may differ between machines; another mean of any population is further away.
SAME_CENTRE = 1e-5


@dataclass(frozen=True, eq=False)
class Main:
    """An index of all entries of a protocol up to a number, about one centre (d,)."""

    version: int
    centre: F32
    part: Part
    last_seq: int


class Closing(Exception):  # noqa: N818  nothing is wrong
    """The process ends: what was begun is left."""


def centre_of(protocol: Protocol, reference: Reference) -> F32:
    """What is subtracted from DNA, (d,): the projection of the mean strand."""
    centre: F32 = project(reference.mean[None], protocol)[0]
    return centre


def build(sessions: Sessions, protocol: Protocol, is_closing: Callable[[], bool]) -> Main:
    """Read all DNA there is, twice: a sample to train on, then block by block.

    No transaction is open while centroids are trained. Entries never change, so that it makes no
    difference that those read later see more of them. Raises Closing.
    """
    with sessions() as session:
        reference = references.latest(session, protocol)
        centre, last = centre_of(protocol, reference), head(session, protocol.digest).last
        n = count_between(session, protocol.digest, 0, last)
        shape = shape_for(n) if n > FLAT_MOST else None
        sample = None if shape is None else _sample(session, protocol, centre, last, (n, shape))
    with sessions() as session:
        rows = _rows(session, protocol, centre, last, is_closing)
        if shape is None or sample is None:
            part: Part = _flat(rows)
        else:
            part = ListsIndex.built(shape, sample, rows)
    return Main(reference.version, centre, part, last)


def _sample(
    session: Session, protocol: Protocol, centre: F32, last: int, of: tuple[int, Shape]
) -> F32:
    """Unit vectors (m, d) of evenly spread entries, about TRAINED for each list."""
    n, shape = of
    every = max(n // (TRAINED * shape.lists), 1)
    blocks = dna_blocks(session, protocol.digest, dna_size(protocol), 0, last, every=every)
    return np.concatenate([unit_rows(dna - centre) for _, dna in blocks])


def _rows(
    session: Session, protocol: Protocol, centre: F32, last: int, is_closing: Callable[[], bool]
) -> Iterator[tuple[I64, F32]]:
    for seqs, dna in dna_blocks(session, protocol.digest, dna_size(protocol), 0, last):
        if is_closing():
            raise Closing
        yield seqs, unit_rows(dna - centre)


def _flat(rows: Iterator[tuple[I64, F32]]) -> FlatIndex:
    seqs, vectors = zip(*rows, strict=True)
    return FlatIndex(np.concatenate(seqs), np.concatenate(vectors))


def save(shelf: Shelf, session: Session, protocol: Protocol, main: Main) -> None:
    """Keep a large index for the next start; OSError when there is no room."""
    last_id = id_of(session, main.last_seq)
    if isinstance(main.part, ListsIndex) and last_id is not None:
        arrays = main.part.arrays() | {"centre": main.centre}
        shelf.save(protocol.digest, Stored(main.version, last_id, arrays))


def load(shelf: Shelf, session: Session, protocol: Protocol) -> Main | None:
    """The index of a snapshot that is of this very history; None, and a line in the log, if not.

    An older reference's is good: it serves until a newer one is built.
    """
    try:
        with shelf.opened(protocol.digest) as stored:
            _check(session, protocol, stored)
            part = ListsIndex.of_arrays(stored.arrays, shape_for(len(stored.arrays["seqs"])).probed)
            centre = stored.arrays["centre"].astype(np.float32)
            return Main(stored.reference_version, centre, part, int(part.seqs[-1]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        log.warning("index snapshot ignored", protocol=protocol.name, why=str(error))
        return None


def _check(session: Session, protocol: Protocol, stored: Stored) -> None:
    """ValueError unless the database holds exactly the entries that a snapshot is of."""
    seqs, centre = stored.arrays["seqs"], stored.arrays["centre"]
    version, last = stored.reference_version, int(seqs[-1])
    if (np.diff(seqs) <= 0).any() or id_of(session, last) != stored.last_id:
        raise ValueError("the database has another history")
    if count_between(session, protocol.digest, 0, last) != len(seqs):
        raise ValueError("the database holds other entries")
    if version > references.latest_version(session, protocol.digest):
        raise ValueError("the database lacks its reference")
    expected = centre_of(protocol, references.numbered(session, protocol, version))
    if centre.shape != expected.shape or np.abs(centre - expected).max() > SAME_CENTRE * (
        1 + np.abs(expected).max()
    ):
        raise ValueError("the database has another reference of its version")
