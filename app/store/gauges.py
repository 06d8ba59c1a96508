"""What a registry holds and does, as numbers that are cheap to have: looks into indexes.

The census of all jobs alone reads a whole table; whoever asks for it asks seldom.
"""

from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.store.clock import db_now
from app.store.rows import EntryRow, JobRow, ProtocolRow, ReferenceRow, TreeRow, WorkerRow


@dataclass(frozen=True)
class ProtocolGauge:
    """How far a protocol, its reference and its standing tree go; 0 where there is none."""

    digest: str
    name: str
    newest: int
    reference_version: int
    tree_version: int
    tree_newest: int


@dataclass(frozen=True)
class JobsGauge:
    """Jobs of one state, queue and kind, and how often leases were lost and models at fault."""

    state: str
    queue: str
    kind: str
    count: int
    lease_losses: int
    model_faults: int


def newest_entry(session: Session) -> int:
    """The number of the newest entry, which is how many there are; 0 where there is none."""
    return session.scalar(select(func.max(EntryRow.seq))) or 0


def protocols(session: Session) -> list[ProtocolGauge]:
    """A row for each protocol, by name: a few looks into indexes each."""
    newest = select(func.max(EntryRow.seq)).where(EntryRow.protocol_digest == ProtocolRow.digest)
    reference = select(func.max(ReferenceRow.version)).where(
        ReferenceRow.protocol_digest == ProtocolRow.digest
    )
    tree = select(func.max(TreeRow.version)).where(TreeRow.protocol_digest == ProtocolRow.digest)
    tip = select(func.max(TreeRow.last_seq)).where(TreeRow.protocol_digest == ProtocolRow.digest)
    rows = session.execute(
        select(
            ProtocolRow.digest,
            ProtocolRow.name,
            *(
                func.coalesce(one.correlate(ProtocolRow).scalar_subquery(), 0)
                for one in (newest, reference, tree, tip)
            ),
        ).order_by(ProtocolRow.name)
    )
    return [ProtocolGauge(*row) for row in rows]


def workers(session: Session) -> dict[str, tuple[int, int]]:
    """Number of workers that are there, and their slots, by how they hear of jobs."""
    rows = session.execute(
        select(WorkerRow.hears_by, func.count(), func.sum(WorkerRow.slots))
        .where(WorkerRow.expires_at >= db_now(), WorkerRow.is_draining.is_(False))
        .group_by(WorkerRow.hears_by)
    )
    return {hears_by: (count, slots) for hears_by, count, slots in rows}


def census(session: Session) -> list[JobsGauge]:
    """All jobs there ever were, counted: reads the whole table."""
    groups = (JobRow.state, JobRow.queue, JobRow.kind)
    rows = session.execute(
        select(
            *groups, func.count(), func.sum(JobRow.lease_losses), func.sum(JobRow.model_faults)
        ).group_by(*groups)
    )
    return [JobsGauge(*row) for row in rows]


def server_version(session: Session) -> str:
    """The version of the database's program."""
    if session.get_bind().dialect.name == "postgresql":
        return str(session.scalar(text("SHOW server_version"))).split()[0]
    return str(session.scalar(text("SELECT sqlite_version()")))


def clock(session: Session) -> float:
    """The database's clock, in seconds since 1970 UTC."""
    return session.scalars(select(db_now())).one()
