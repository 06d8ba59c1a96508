"""What is evaluated when a protocol is named: models of the registry that have an entry."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from app.dna.protocol import Protocol
from app.errors import InputError, NotFoundError
from app.evaluation.lineage_file import LineageRow
from app.records import EntryRecord, ModelRecord
from app.services.evaluation.models import (
    MOST_LISTED,
    MOST_MODELS,
    Lineage,
    Models,
    models_without_entry,
    require_few,
    require_some,
    unknown_models,
)
from app.store import entries, models, protocols
from app.store.database import Session


def of_registry(
    session: Session, protocol_name: str, lineage: Lineage, *, with_others: bool
) -> Models:
    """The models of a lineage that have an entry; `with_others` adds up to MOST_MODELS in all.

    Raises NotFoundError `no_such_protocol`, ConflictError `ambiguous_model`, InputError
    `bad_lineage` when two names mean one model, `no_models` when none has an entry.
    """
    protocol = protocols.get(session, protocol_name)
    found: dict[str, LineageRow] = {}
    kept: list[EntryRecord] = []
    unknown, without_entry = [], []
    for row in lineage.rows:
        model = _meant(session, row.model, lineage.path.parent)
        entry = None if model is None else _entry(session, model, protocol)
        if model is None:
            unknown.append(row.model)
        elif entry is None:
            without_entry.append(row.model)
        elif model.id in found:
            same = found[model.id].model
            raise InputError("bad_lineage", f"{same!r} and {row.model!r} are one model.")
        else:
            found[model.id] = row
            kept.append(entry)
    require_few(len(kept))
    near = [_near(session, name) for name in unknown[:MOST_LISTED]]
    warnings = unknown_models(unknown, near) + models_without_entry(without_entry, protocol)
    require_some(kept, lineage, warnings)
    others = _others(session, protocol, kept) if with_others else []
    return Models(
        protocol=protocol,
        rows=(*found.values(), *(LineageRow(entry.model_id) for entry in others)),
        keys=tuple(entry.model_digest for entry in [*kept, *others]),
        strands=entries.strands(session, protocol, [*kept, *others]),
        left_out=(*unknown, *without_entry),
        warnings=warnings,
    )


def _meant(session: Session, name: str, folder: Path) -> ModelRecord | None:
    """The model of a name; of several, the one that lies beside the lineage file.

    ConflictError `ambiguous_model`; NotFoundError of an id that does not exist.
    """
    found = models.meant(session, name)
    if len(found) > 1:
        found = models.meant(session, f"local:{folder.resolve() / name}") or found
    if len(found) > 1 or name.startswith("mdl_"):
        return models.find(session, name)
    return found[0] if found else None


def _entry(session: Session, model: ModelRecord, protocol: Protocol) -> EntryRecord | None:
    try:
        return entries.get(session, model, protocol)
    except NotFoundError:
        return None


def _near(session: Session, name: str) -> Sequence[str]:
    try:
        return [models.find(session, name).name]
    except NotFoundError as error:
        return error.near


def _others(
    session: Session, protocol: Protocol, known: Iterable[EntryRecord]
) -> list[EntryRecord]:
    """The oldest other entries of a protocol, as many as there is room for."""
    taken = {entry.id for entry in known}
    oldest = entries.oldest(session, protocol, MOST_MODELS)
    return [entry for entry in oldest if entry.id not in taken][: MOST_MODELS - len(taken)]
