"""Replicates: strands of models that were asked once more, beside their entries."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.dna.protocol import Protocol
from app.dna.strand import all_from_bytes
from app.errors import SetupError
from app.records import TERMINAL_STATES, EntryRecord, ModelRecord
from app.store import entries, models
from app.store.entries import Finding
from app.store.ready import Ready
from app.store.rows import EntryRow, JobRow, ReplicateRow

_REPLICATES = ReplicateRow.__table__.c
_OF_ENTRY = Ready(
    select(_REPLICATES.body)
    .where(_REPLICATES.entry_id == bindparam("entry"))
    .order_by(_REPLICATES.number)
)


def ready(session: Session, model: ModelRecord, protocols: Sequence[Protocol]) -> list[Protocol]:
    """Return the protocols under which the model has an entry that can be repeated.

    Raises SetupError `entry_missing` while the model's own job may still make one,
    NotFoundError `not_fingerprinted` when there is none.
    """
    model = models.get(session, model.id)
    has = {entry.protocol_digest for entry in entries.of_model(session, model)}
    found = [protocol for protocol in protocols if protocol.digest in has]
    if len(found) < len(protocols) and _is_awaited(session, model):
        raise SetupError(
            "entry_missing", "A replicate waits until its model has been fingerprinted."
        )
    if not found:
        entries.get(session, model, protocols[0])
    return found


def add(session: Session, number: int, findings: Sequence[Finding]) -> None:
    """Add replicate `number` of each finding's entry; one that is there already stays.

    Raises NotFoundError `not_fingerprinted` when there is no such entry.
    """
    for finding in findings:
        entry = entries.get(session, finding.model, finding.protocol)
        if session.get(ReplicateRow, (entry.id, number)) is None:
            session.add(
                ReplicateRow(
                    entry_id=entry.id,
                    number=number,
                    body=finding.strand.to_bytes(),
                    environment=dict(finding.environment),
                )
            )
    session.flush()


def protocols_of(session: Session, model: ModelRecord, number: int) -> set[str]:
    """Digests of the protocols under which the model's content has replicate `number`."""
    query = (
        select(EntryRow.protocol_digest)
        .join(ReplicateRow, ReplicateRow.entry_id == EntryRow.id)
        .where(EntryRow.model_digest == model.digest, ReplicateRow.number == number)
    )
    return set(session.scalars(query))


def strands(session: Session, protocol: Protocol, entry: EntryRecord) -> npt.NDArray[np.floating]:
    """The replicates of an entry by number: (n, n_probes, width), in the protocol's dtype."""
    rows = _OF_ENTRY.rows(session, entry=entry.id)
    return all_from_bytes(protocol, [body for (body,) in rows])


def _is_awaited(session: Session, model: ModelRecord) -> bool:
    """Whether a job that makes the model's entries has not ended yet."""
    return bool(
        session.scalar(
            select(JobRow.id)
            .where(
                JobRow.model_id == model.id,
                JobRow.kind == "extract",
                JobRow.state.not_in(TERMINAL_STATES),
            )
            .limit(1)
        )
    )
