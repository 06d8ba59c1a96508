"""The tables, as SQLAlchemy rows. Only the store's own functions see them."""

from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.store.clock import db_now


class Row(DeclarativeBase):
    """Base of all tables; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012
        dict[str, Any]: JSON,
        list[str]: JSON,
        list[int]: JSON,
        list[float]: JSON,
        float: Float(53),
    }


class ModelRow(Row):
    """A model ref that was registered; two rows with one digest are copies.

    One that was withdrawn says when and why; see app/store/withdrawals.py.
    """

    __tablename__ = "models"
    __table_args__ = (
        UniqueConstraint("source", "name", "revision"),
        Index(
            "ix_models_withdrawn",
            "withdrawn_at",
            sqlite_where=text("withdrawn_at IS NOT NULL"),
            postgresql_where=text("withdrawn_at IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    name: Mapped[str]
    revision: Mapped[str]
    label_key: Mapped[str] = mapped_column(index=True)
    short_key: Mapped[str] = mapped_column(index=True)
    digest: Mapped[str | None] = mapped_column(index=True)
    details: Mapped[dict[str, Any]]
    created_at: Mapped[float] = mapped_column(default=db_now())
    withdrawn_at: Mapped[float | None]
    withdrawn_because: Mapped[str | None]


class ClaimRow(Row):
    """What somebody said of a model."""

    __tablename__ = "claims"
    __table_args__ = (Index("ix_claims_kind_lower_value", "kind", text("lower(value)")),)

    model_id: Mapped[str] = mapped_column(ForeignKey("models.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[float] = mapped_column(default=db_now())


class ProtocolRow(Row):
    """A protocol with its probe set; never edited."""

    __tablename__ = "protocols"

    digest: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    body: Mapped[dict[str, Any]]
    created_at: Mapped[float] = mapped_column(default=db_now())


class JobRow(Row):
    """One piece of work; see app/store/jobs.py for what may change when."""

    __tablename__ = "jobs"
    __table_args__ = (
        # One live or finished job a key: a POST that comes twice finds the same job.
        Index(
            "uq_jobs_dedupe_key",
            "dedupe_key",
            unique=True,
            sqlite_where=text("state NOT IN ('failed', 'cancelled')"),
            postgresql_where=text("state NOT IN ('failed', 'cancelled')"),
        ),
        Index("ix_jobs_state_due_at", "state", "due_at"),
        Index("ix_jobs_state_queue_due_at", "state", "queue", "due_at"),
        CheckConstraint(
            "state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'quarantined')",
            name="state",
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    model_id: Mapped[str | None] = mapped_column(ForeignKey("models.id"), index=True)
    protocols: Mapped[list[str]]
    dedupe_key: Mapped[str]
    queue: Mapped[str] = mapped_column(default="cpu", server_default="cpu")
    state: Mapped[str] = mapped_column(default="queued")
    stage: Mapped[str] = mapped_column(default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    due_at: Mapped[float] = mapped_column(default=db_now())
    lease_owner: Mapped[str | None]
    claimed_at: Mapped[float | None]
    lease_until: Mapped[float | None]
    fence: Mapped[int] = mapped_column(default=0)
    lease_losses: Mapped[int] = mapped_column(default=0)
    model_faults: Mapped[int] = mapped_column(default=0)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    usage: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    error_code: Mapped[str | None]
    error_detail: Mapped[str | None]
    created_at: Mapped[float] = mapped_column(default=db_now())
    updated_at: Mapped[float] = mapped_column(default=db_now())


class WorkerRow(Row):
    """A worker that showed itself lately; `id` is the owner of its leases."""

    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    version: Mapped[str]
    hears_by: Mapped[str]
    queues: Mapped[list[str]]
    slots: Mapped[int]
    is_draining: Mapped[bool]
    started_at: Mapped[float] = mapped_column(default=db_now())
    seen_at: Mapped[float]
    expires_at: Mapped[float]


class CheckpointRow(Row):
    """The responses of one batch of a running job; gone when the job has ended."""

    __tablename__ = "checkpoints"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), primary_key=True)
    protocol_digest: Mapped[str] = mapped_column(primary_key=True)
    batch: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class EntryRow(Row):
    """One model digest under one protocol; `withdrawn` where all models of the digest are."""

    __tablename__ = "entries"
    __table_args__ = (
        UniqueConstraint("model_digest", "protocol_digest"),
        Index("ix_entries_protocol_digest_seq", "protocol_digest", "seq"),
        Index(
            "ix_entries_withdrawn",
            "protocol_digest",
            "seq",
            sqlite_where=text("withdrawn = 1"),
            postgresql_where=text("withdrawn"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(unique=True)
    model_id: Mapped[str] = mapped_column(ForeignKey("models.id"), index=True)
    model_digest: Mapped[str]
    protocol_digest: Mapped[str] = mapped_column(ForeignKey("protocols.digest"))
    evidence: Mapped[str]
    environment: Mapped[dict[str, Any]]
    notes: Mapped[list[str]]
    created_at: Mapped[float] = mapped_column(default=db_now())
    withdrawn: Mapped[bool] = mapped_column(server_default=false())


class StrandRow(Row):
    """The strand's values, little-endian, in the protocol's shape and dtype."""

    __tablename__ = "strands"

    entry_id: Mapped[str] = mapped_column(ForeignKey("entries.id"), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class DnaRow(Row):
    """The DNA's values, little-endian float32."""

    __tablename__ = "dna"

    entry_id: Mapped[str] = mapped_column(ForeignKey("entries.id"), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class ResponsesRow(Row):
    """All responses of an entry in probe order, as compressed JSON."""

    __tablename__ = "responses"

    entry_id: Mapped[str] = mapped_column(ForeignKey("entries.id"), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class ReplicateRow(Row):
    """The strand of an entry's model when it was asked once more, in the form of StrandRow."""

    __tablename__ = "replicates"

    entry_id: Mapped[str] = mapped_column(ForeignKey("entries.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    environment: Mapped[dict[str, Any]]
    created_at: Mapped[float] = mapped_column(default=db_now())


class ReferenceRow(Row):
    """One version of a protocol's reference: the mean strand, little-endian float32; the numbers
    of the cohort's entries and their families; the quantiles of the null.
    """

    __tablename__ = "references"

    protocol_digest: Mapped[str] = mapped_column(ForeignKey("protocols.digest"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    n_models: Mapped[int]
    mean: Mapped[bytes] = mapped_column(LargeBinary)
    cohort: Mapped[list[int]] = mapped_column(default=list, server_default="[]")
    families: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    null: Mapped[list[float]] = mapped_column(default=list, server_default="[]")
    created_at: Mapped[float] = mapped_column(default=db_now())


class TreeRow(Row):
    """One version of the standing tree of a protocol: `body` holds its arrays, see store/trees.

    `facts` say how it was made; all entries up to `last_seq` are tips.
    """

    __tablename__ = "trees"

    protocol_digest: Mapped[str] = mapped_column(ForeignKey("protocols.digest"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    reference_version: Mapped[int]
    last_seq: Mapped[int]
    n_tips: Mapped[int]
    facts: Mapped[dict[str, Any]]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[float] = mapped_column(default=db_now())


class EndpointRow(Row):
    """An API that an administrator allows workers to ask; its key is sealed."""

    __tablename__ = "endpoints"

    name: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]
    kind: Mapped[str]
    sealed_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    settings: Mapped[dict[str, Any]]
    created_at: Mapped[float] = mapped_column(default=db_now())


class IdempotencyRow(Row):
    """The answer that was given under an Idempotency-Key."""

    __tablename__ = "idempotency"

    key: Mapped[str] = mapped_column(primary_key=True)
    request_digest: Mapped[str]
    status: Mapped[int]
    headers: Mapped[dict[str, Any]]
    body: Mapped[dict[str, Any]]
    created_at: Mapped[float] = mapped_column(default=db_now())


class InstallationRow(Row):
    """Values drawn once for an installation, such as the key that signs cursors."""

    __tablename__ = "installation"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary)
