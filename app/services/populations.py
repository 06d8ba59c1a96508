"""Use case: the population that a protocol's reference stands for, ready to compare."""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

import numpy as np
import numpy.typing as npt

from app.dna.population import Population
from app.dna.protocol import Protocol
from app.dna.reference import Reference
from app.records import EntryRecord
from app.store import entries, references
from app.store.database import Session

# References never change, so what was made of one can be kept: each holds its cohort's strands.
KEPT = 8

_kept: OrderedDict[str, Population] = OrderedDict()
_keeping = Lock()


def current(session: Session, protocol: Protocol) -> tuple[Reference, Population]:
    """The newest reference of a protocol, and the population that it stands for.

    Those of version 0 where there are too few models for one.
    """
    reference = references.latest(session, protocol)
    return reference, _population(session, reference, protocol)


def numbered(session: Session, protocol: Protocol, version: int) -> tuple[Reference, Population]:
    """One version of a protocol's reference, and the population that it stood for."""
    reference = references.numbered(session, protocol, version)
    return reference, _population(session, reference, protocol)


def members(reference: Reference, found: Sequence[EntryRecord]) -> npt.NDArray[np.int64]:
    """The index of each entry in the reference's cohort, or -1: what `Population.seen` asks."""
    return np.array([reference.places.get(entry.seq, -1) for entry in found], dtype=np.int64)


def _population(session: Session, reference: Reference, protocol: Protocol) -> Population:
    key = reference.content
    with _keeping:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    # Empty where there are too few models, or in a release that knew no nulls.
    _, strands = entries.with_strands(session, protocol, reference.cohort)
    made = Population(protocol, strands, reference.mean, reference.families, reference.null)
    with _keeping:
        _kept[key] = made
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return made
