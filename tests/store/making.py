"""Small things to put into a database."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sqlalchemy import update

from app.dna.probes import ProbeSet
from app.dna.protocol import Protocol, reported_answers
from app.dna.strand import Response, Strand, encode
from app.records import Claim, EntryRecord, ModelRecord, ModelRef
from app.store import entries, models, protocols
from app.store.clock import db_now
from app.store.database import Database, Session
from app.store.rows import JobRow


def answers_protocol(name: str = "mine", n_probes: int = 2) -> Protocol:
    return reported_answers(ProbeSet(name, tuple(f"{name} {i}" for i in range(n_probes))))


def make_model(session: Session, label: str, digest: str | None = None) -> ModelRecord:
    """A model handed in under a label; its digest, unless given, is made of the label."""
    model = models.register(session, ModelRef("import", label, "0" * 16))
    return models.set_content(session, model.id, digest or f"digest of {label}", {})


def make_finding(
    model: ModelRecord, protocol: Protocol, responses: Sequence[Response]
) -> entries.Finding:
    return entries.Finding(
        model=model,
        protocol=protocol,
        strand=encode(protocol, responses),
        responses=responses,
        evidence="reported",
        environment={"made": "here"},
        notes=("a note",),
    )


def add_vectors(
    database: Database, protocol: Protocol, rows: npt.NDArray[np.float64], prefix: str = "v"
) -> list[EntryRecord]:
    """One model and entry for every row (n, width), in one transaction."""
    with database.write() as session:
        stored = protocols.ensure(session, protocol)
        findings = []
        for number, row in enumerate(rows):
            model = make_model(session, f"{prefix}{number} {protocol.name}")
            findings.append(make_finding(model, stored, [row.tolist()]))
        return [entry for entry, _ in entries.add(session, findings)]


def add_strands(
    database: Database,
    protocol: Protocol,
    strands: npt.NDArray[np.floating],
    labels: Sequence[str],
    bases: Sequence[str] = (),
) -> list[EntryRecord]:
    """One model and entry for every strand (n, p, w); `bases` are declared, "" where none is."""
    with database.write() as session:
        stored = protocols.ensure(session, protocol)
        made = [make_model(session, label) for label in labels]
        for model, base in zip(made, bases, strict=False):
            if base:
                models.add_claims(session, model.id, [Claim("declared_base", base, "submitter")])
        found = [
            entries.Finding(
                model,
                stored,
                Strand(stored.digest, strand.astype(stored.dtype)),
                [],
                evidence="weights",
                environment={},
            )
            for model, strand in zip(made, strands, strict=True)
        ]
        return [entry for entry, _ in entries.add(session, found)]


def move_lease(session: Session, job_id: str, seconds: float) -> None:
    """Let a running job's lease end so many seconds from now (negative: it ended)."""
    session.execute(
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.state == "running")
        .values(lease_until=db_now() + seconds)
    )


def make_due(session: Session, job_id: str) -> None:
    session.execute(update(JobRow).where(JobRow.id == job_id).values(due_at=db_now() - 1.0))
