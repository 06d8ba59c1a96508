"""The index that this process makes, or reads from disk, holds what the database holds."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from app.dna.projection import dna_size
from app.dna.protocol import Protocol
from app.search.candidates import Candidates
from app.search.view import View
from app.store.audit import bodies
from app.store.database import Session
from app.store.dna_blocks import count_between, head
from app.store.withdrawals import numbers

F32 = npt.NDArray[np.float32]

# Of the sampled entries so many are looked for: each must be the nearest to itself.
SOUGHT = 32
# Cosines of equal DNA, as float16 holds it.
SAME = 0.999


def differs(
    session: Session, candidates: Candidates, protocol: Protocol, seqs: Sequence[int]
) -> Iterator[str]:
    """How the index of a protocol differs from the database: in count, last number or content.

    `seqs` are numbers of entries. Brings the index up to date first, as any request does.
    """
    if not seqs:
        return
    last = head(session, protocol.digest).last
    try:
        view = candidates.current(session, protocol)
    except ValueError as error:  # DNA of another length, which `entries have all parts` names
        yield f"{protocol.name}: the index cannot be made: {error}"
        return
    if view.seen < last:
        yield f"{protocol.name}: the index goes to {view.seen}, the entries to {last}"
    count = count_between(session, protocol.digest, 0, view.seen)
    if view.held != count:
        yield f"{protocol.name}: the index has {view.held} entries, the database {count}"
    if view.withdrawn.seqs.tolist() != numbers(session, protocol.digest).tolist():
        yield f"{protocol.name}: other entries are withdrawn from the index than in the database"
    sought = [seqs[i] for i in np.linspace(0, len(seqs) - 1, min(len(seqs), SOUGHT)).astype(int)]
    for _, seq, _, body, _ in bodies.parts(session, protocol, sought):
        dna = np.frombuffer(body, dtype="<f4")
        if len(dna) == dna_size(protocol) and not _is_found(session, protocol, view, seq, dna):
            yield f"{protocol.name}: the index does not find entry {seq} by its own DNA"


def _is_found(session: Session, protocol: Protocol, view: View, seq: int, dna: F32) -> bool:
    """Whether the nearest to an entry's DNA is the entry, or another with the same DNA."""
    found = view.nearest(dna.astype(np.float32), 1).tolist()
    if found in ([], [seq]):
        return bool(found)
    others = [np.frombuffer(row[3], dtype="<f4") for row in bodies.parts(session, protocol, found)]
    return any(
        float(other @ dna) > SAME * float(np.linalg.norm(other) * np.linalg.norm(dna))
        for other in others
    )
