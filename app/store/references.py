"""References in the database: versions are added, none is changed."""

import numpy as np
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.dna.nulls import Null
from app.dna.protocol import Protocol
from app.dna.reference import Reference, absent
from app.store.kept import kept
from app.store.ready import Ready
from app.store.rows import ReferenceRow

_REFERENCES = ReferenceRow.__table__.c
_LATEST = Ready(
    select(func.max(_REFERENCES.version)).where(
        _REFERENCES.protocol_digest == bindparam("protocol")
    )
)


def latest(session: Session, protocol: Protocol) -> Reference:
    """The newest reference of a protocol, or the absent one (version 0)."""
    return numbered(session, protocol, latest_version(session, protocol.digest))


def numbered(session: Session, protocol: Protocol, version: int) -> Reference:
    """One version of a protocol's reference; 0 is the absent one, which has no row."""
    if not version:
        return absent(protocol)
    key = ("reference", protocol.digest, version)
    return kept(
        session,
        key,
        lambda: _reference(protocol, session.get_one(ReferenceRow, (protocol.digest, version))),
    )


def _reference(protocol: Protocol, row: ReferenceRow) -> Reference:
    return Reference(
        protocol_digest=protocol.digest,
        version=row.version,
        n_models=row.n_models,
        mean=np.frombuffer(row.mean, dtype="<f4").astype(np.float32).reshape(protocol.shape),
        cohort=tuple(row.cohort),
        families=tuple(row.families),
        null=Null(np.array(row.null)) if row.null else None,
    )


def latest_version(session: Session, protocol_digest: str) -> int:
    """The newest version's number, 0 when there is none: cheap, to see whether it moved."""
    [(version,)] = _LATEST.rows(session, protocol=protocol_digest)
    return version or 0


def add(session: Session, reference: Reference) -> None:
    """Add a version."""
    session.add(
        ReferenceRow(
            protocol_digest=reference.protocol_digest,
            version=reference.version,
            n_models=reference.n_models,
            mean=reference.mean.astype("<f4").tobytes(),
            cohort=list(reference.cohort),
            families=list(reference.families),
            null=[] if reference.null is None else reference.null.quantiles.tolist(),
        )
    )
    session.flush()
