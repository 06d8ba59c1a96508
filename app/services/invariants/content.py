"""Entries hold what their strands say: of all, or of a sample that is spread evenly."""

import zlib
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from app.dna.projection import project
from app.dna.protocol import Protocol
from app.dna.strand import from_bytes
from app.store import entries
from app.store.audit import bodies
from app.store.database import Session

SAMPLE = 256
# Entries that are read at once: 3 MB of strands of a default protocol.
AT_ONCE = 256
# Sums of float32 in another order differ by less; another strand by far more.
RELATIVE = 1e-4


def sample(session: Session, protocol: Protocol, *, everything: bool) -> list[int]:
    """Numbers of entries of a protocol: of all, or of SAMPLE that are spread evenly."""
    seqs = entries.seqs(session, protocol.digest)
    if everything or len(seqs) <= SAMPLE:
        return seqs
    return [seqs[i] for i in np.linspace(0, len(seqs) - 1, SAMPLE).astype(int)]


def wrong(session: Session, protocol: Protocol, seqs: Sequence[int]) -> Iterator[str]:
    """Entries whose strand is not finite, whose DNA is not its projection, or whose responses
    are not one for each item of the protocol. Responses that were pruned are as they should be.
    """
    for start in range(0, len(seqs), AT_ONCE):
        for entry_id, _, strand, dna, responses in bodies.parts(
            session, protocol, seqs[start : start + AT_ONCE]
        ):
            if len(strand) != bodies.strand_bytes(protocol):
                continue  # counted as missing already
            values = from_bytes(protocol, strand).values
            if not np.isfinite(values).all():
                yield f"{entry_id}: its strand holds what is no number"
            elif not _is_projection(project(values[None], protocol)[0], dna):
                yield f"{entry_id}: its DNA is not the projection of its strand"
            why = _unreadable(protocol, responses)
            if why:
                yield f"{entry_id}: {why}"


def misprojected(session: Session, protocol: Protocol, seqs: Sequence[int]) -> list[str]:
    """The ids of those entries whose strand is whole and whose DNA is not its projection."""
    found = []
    for start in range(0, len(seqs), AT_ONCE):
        for entry_id, _, strand, dna, _ in bodies.parts(
            session, protocol, seqs[start : start + AT_ONCE]
        ):
            if len(strand) == bodies.strand_bytes(protocol):
                values = from_bytes(protocol, strand).values
                if not _is_projection(project(values[None], protocol)[0], dna):
                    found.append(entry_id)
    return found


def _is_projection(expected: npt.NDArray[np.float32], body: bytes) -> bool:
    if len(body) != len(expected) * bodies.FLOAT_BYTES:
        return False
    found = np.frombuffer(body, dtype="<f4")
    return bool(np.abs(found - expected).max() <= RELATIVE * np.abs(expected).max())


def _unreadable(protocol: Protocol, body: bytes) -> str:
    """Why stored responses are not those of a protocol; "" where they are."""
    if body == entries.PRUNED:
        return ""
    try:
        count = len(entries.unpack(body))
    except (ValueError, TypeError, zlib.error):
        return "its responses cannot be read"
    if count != protocol.n_probes:
        return f"it has {count} responses, not {protocol.n_probes}"
    return ""
