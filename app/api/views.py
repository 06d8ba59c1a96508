"""From records to schemas; what a list needs from other tables is looked up once for all rows."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from app.api import schemas
from app.dna.projection import dna_size
from app.dna.protocol import Protocol
from app.records import Claim, EntryDetails, EntryRecord, JobRecord, ModelRecord
from app.services.judging import Judged
from app.services.noise import Noise, noise_of
from app.services.populations import current
from app.store import entries, models, protocols, references
from app.store.database import Session


def model_name(model: ModelRecord) -> schemas.ModelName:
    """A model by id and name."""
    return schemas.ModelName(id=model.id, name=model.name)


def protocol_name(protocol: Protocol) -> schemas.ProtocolName:
    """A protocol by name and digest."""
    return schemas.ProtocolName(name=protocol.name, digest=protocol.digest)


def models_shown(session: Session, records: Sequence[ModelRecord]) -> list[schemas.Model]:
    """Models with their claims."""
    claims = models.claims_of_each(session, [record.id for record in records])
    return [_model(record, claims.get(record.id, [])) for record in records]


def model_in_full(
    session: Session, record: ModelRecord, jobs: Sequence[JobRecord]
) -> schemas.ModelInFull:
    """A model with its claims, entries and the given jobs."""
    [model] = models_shown(session, [record])
    return schemas.ModelInFull(
        **dict(model),
        entries=entries_shown(session, entries.of_model(session, record)),
        jobs=jobs_shown(session, jobs),
    )


def entries_shown(session: Session, records: Sequence[EntryRecord]) -> list[schemas.Entry]:
    """Entries with the names of their protocols, and their noise."""
    details = entries.details_of(session, records)
    return [_entry(session, record, details[record.id]) for record in records]


def noise_shown(noise: Noise | None) -> schemas.Noise | None:
    """Noise, if it is known."""
    return None if noise is None else schemas.Noise(**asdict(noise))


def jobs_shown(session: Session, records: Sequence[JobRecord]) -> list[schemas.Job]:
    """Jobs with the names of their models, but those that were withdrawn, and protocols."""
    found = models.by_ids(session, [record.model_id for record in records if record.model_id])
    names = protocols.names(session)
    return [
        _job(
            record,
            found.get(record.model_id or ""),
            [names[digest] for digest in record.protocols],
        )
        for record in records
    ]


def protocol_shown(session: Session, protocol: Protocol) -> schemas.Protocol:
    """A protocol with the number of its entries and its newest reference."""
    probe_set = protocol.probe_set
    reference = references.latest(session, protocol)
    return schemas.Protocol(
        name=protocol.name,
        digest=protocol.digest,
        probe_set=schemas.ProbeSet(
            name=probe_set.name, digest=probe_set.digest, n_probes=protocol.n_probes
        ),
        askable=protocol.is_askable,
        response=protocol.response,
        generation=protocol.generation_settings,
        encoder=schemas.Encoder(
            name=protocol.encoder,
            version=protocol.encoder_version,
            settings=dict(protocol.encoder_settings),
        ),
        strand=schemas.Strand(shape=protocol.shape, dtype=protocol.dtype),
        dna=schemas.Dna(
            size=dna_size(protocol), dim=protocol.dna_dim, projection=protocol.projection
        ),
        entries=entries.count(session, protocol.digest),
        reference=schemas.Reference(version=reference.version, n_models=reference.n_models),
    )


def _model(record: ModelRecord, claims: Sequence[Claim]) -> schemas.Model:
    return schemas.Model(
        id=record.id,
        ref=str(record.ref),
        name=record.name,
        source=record.ref.source,
        revision=record.ref.revision,
        digest=record.digest,
        details=record.details,
        claims=[schemas.Claim(kind=c.kind, value=c.value, source=c.source) for c in claims],
        created_at=schemas.rfc3339(record.created_at),
    )


def judged_shown(judged: Judged) -> dict[str, Any]:
    """The fields of `schemas.Judged`."""
    return {
        "standing": judged.standing,
        "p_value": judged.p_value,
        "q_value": judged.q_value,
        "verdict": judged.verdict,
        "flags": list(judged.flags),
    }


def _entry(session: Session, record: EntryRecord, details: EntryDetails) -> schemas.Entry:
    protocol = protocols.get(session, record.protocol_digest)
    noise = noise_of(session, current(session, protocol)[1], record)
    return schemas.Entry(
        id=record.id,
        seq=record.seq,
        protocol=protocol_name(protocol),
        evidence=record.evidence,
        environment=details.environment,
        notes=list(details.notes),
        noise=noise_shown(noise),
        created_at=schemas.rfc3339(details.created_at),
    )


def _job(record: JobRecord, model: ModelRecord | None, names: list[str]) -> schemas.Job:
    error = None
    if record.error_code is not None:
        error = schemas.JobError(code=record.error_code, detail=record.error_detail or "")
    return schemas.Job(
        id=record.id,
        kind=record.kind,
        queue=record.queue,
        model=None if model is None else model_name(model),
        protocols=names,
        replicate=record.options.get("replicate"),
        state=record.state,
        stage=record.stage,
        progress=schemas.Progress(done=record.done, total=record.total),
        usage=record.usage,
        cancel_requested=record.cancel_requested,
        lease_losses=record.lease_losses,
        model_faults=record.model_faults,
        error=error,
        version=record.version,
        created_at=schemas.rfc3339(record.created_at),
        updated_at=schemas.rfc3339(record.updated_at),
    )
