"""Models and the claims about them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast, get_args

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from app.errors import ConflictError, NotFoundError
from app.records import Claim, ClaimKind, ModelRecord, ModelRef, Source
from app.store import withdrawals
from app.store.ids import new_id
from app.store.near import near_names
from app.store.ready import Query, Ready, Rows
from app.store.rows import ClaimRow, ModelRow

# So many names are compared with one that was not found; more would make the miss slow.
NEAR_AMONG = 20_000

# Columns, not rows: see app/store/entries.py.
_MODELS = ModelRow.__table__.c
_COLUMNS = select(
    _MODELS.id,
    _MODELS.source,
    _MODELS.name,
    _MODELS.revision,
    _MODELS.digest,
    _MODELS.details,
    _MODELS.created_at,
)
_LIVE = _COLUMNS.where(_MODELS.withdrawn_at.is_(None))
_WITHDRAWN = _COLUMNS.where(_MODELS.withdrawn_at.is_not(None))
_BY_DIGEST = Ready(_COLUMNS.add_columns(_MODELS.withdrawn_at).order_by(_MODELS.id), _MODELS.digest)
_BY_IDS = Ready(_LIVE, _MODELS.id)
_OF_ID = _LIVE.where(_MODELS.id == bindparam("id"))
_BY_ID, _LOCKED = Ready(_OF_ID), Ready(_OF_ID.with_for_update())


class _Named:
    """Statements for those of some models that a name could mean, the newest first."""

    def __init__(self, some: Query) -> None:
        newest = some.order_by(_MODELS.id.desc())
        exact = (_MODELS.name == bindparam("name")) & (_MODELS.revision == bindparam("revision"))
        of_ref = _MODELS.source == bindparam("source"), (_MODELS.name == bindparam("whole")) | exact
        self.by_id = Ready(newest.where(_MODELS.id == bindparam("id")))
        self.by_ref = Ready(newest.where(*of_ref))
        self.by_label = Ready(newest.where(_MODELS.label_key == bindparam("key")))
        self.by_short_name = Ready(newest.where(_MODELS.short_key == bindparam("key")))


_LIVE_NAMED, _WITHDRAWN_NAMED = _Named(_LIVE), _Named(_WITHDRAWN)


def register(session: Session, ref: ModelRef) -> ModelRecord:
    """Return the model of a ref, adding it when it is new; ConflictError `withdrawn`.

    Nobody can withdraw it before the end of the transaction.
    """
    row = session.scalar(
        select(ModelRow)
        .where(
            ModelRow.source == ref.source,
            ModelRow.name == ref.name,
            ModelRow.revision == ref.revision,
        )
        .with_for_update(read=True)
    )
    if row is not None and row.withdrawn_at is not None:
        raise withdrawals.refusal(ref, row.id)
    if row is None:
        label = ref.label.lower()
        row = ModelRow(
            id=new_id("mdl"),
            source=ref.source,
            name=ref.name,
            revision=ref.revision,
            label_key=label,
            short_key=label.rpartition("/")[2],
            details={},
        )
        session.add(row)
        session.flush()
    return _record(row)


def set_content(
    session: Session, model_id: str, digest: str, details: Mapping[str, Any]
) -> ModelRecord:
    """Write what was found when the model's content was read."""
    session.execute(
        update(ModelRow).where(ModelRow.id == model_id).values(digest=digest, details=dict(details))
    )
    withdrawals.show(session, [digest])
    return get(session, model_id)


def get(session: Session, model_id: str, *, lock: bool = False) -> ModelRecord:
    """Return a model, locked to the end of the transaction if asked; NotFoundError
    `no_such_model` or `model_withdrawn`.
    """
    query = _LOCKED if lock else _BY_ID
    rows = query.rows(session, id=model_id)
    if not rows:
        raise withdrawals.missing(session, model_id)
    return _read(rows[0])


def find(session: Session, name: str) -> ModelRecord:
    """Return the model that an id, a ref or any unambiguous name means.

    Of several revisions of one name the newest is meant. NotFoundError `no_such_model` carries
    near names, `model_withdrawn` says why it is no longer named; ConflictError `ambiguous_model`
    lists the refs that the name could mean.
    """
    if name.startswith("mdl_"):
        return get(session, name)
    found = meant(session, name)
    if not found:
        for gone in _meant(session, _WITHDRAWN_NAMED, name)[:1]:
            raise withdrawals.missing(session, gone.id)
        source, _, rest = name.partition(":")
        label = ModelRef(cast("Source", source), rest, "").label if _is_ref(name) else name
        raise NotFoundError("no_such_model", f"No model is named {name!r}.", _near(session, label))
    return _only(name, found)


def find_withdrawn(session: Session, name: str) -> ModelRecord:
    """Return the withdrawn model that an id, a ref or any unambiguous name means.

    Raises ConflictError `not_withdrawn`, `ambiguous_model`; NotFoundError `no_such_model`.
    """
    if name.startswith("mdl_"):
        found = _newest(_WITHDRAWN_NAMED.by_id.rows(session, id=name))
    else:
        found = _meant(session, _WITHDRAWN_NAMED, name)
    if not found:
        raise withdrawals.not_withdrawn(find(session, name).name)
    return _only(name, found)


def meant(session: Session, name: str) -> list[ModelRecord]:
    """Return the models that a ref or a name could mean, the newest revision of each."""
    return _meant(session, _LIVE_NAMED, name)


def by_digest(session: Session, digests: Iterable[str]) -> dict[str, list[ModelRecord]]:
    """Return the models of each digest, oldest first: more than one are copies.

    Withdrawn ones only of a digest that has no other: whose entry is known was not withdrawn a
    moment ago, when that was read.
    """
    live: dict[str, list[ModelRecord]] = {}
    gone: dict[str, list[ModelRecord]] = {}
    for *columns, withdrawn_at in _BY_DIGEST.many(session, set(digests)):
        found = _read(columns)
        models = live if withdrawn_at is None else gone
        models.setdefault(cast("str", found.digest), []).append(found)
    return gone | live


def by_ids(session: Session, model_ids: Iterable[str]) -> dict[str, ModelRecord]:
    """Return the models of these ids, by id; ids that mean nothing are left out."""
    return {found.id: found for found in map(_read, _BY_IDS.many(session, set(model_ids)))}


def page(session: Session, after: str | None, limit: int) -> list[ModelRecord]:
    """Return up to `limit` models in the order of their ids, those after `after`."""
    query = _LIVE.order_by(_MODELS.id).limit(limit)
    if after is not None:
        query = query.where(_MODELS.id > after)
    return list(map(_read, session.connection().execute(query)))


def add_claims(session: Session, model_id: str, claims: Iterable[Claim]) -> None:
    """Add claims that are not there yet; none is ever replaced."""
    known = set(claims_of(session, model_id))
    for claim in dict.fromkeys(claims):
        if claim not in known:
            session.add(
                ClaimRow(model_id=model_id, kind=claim.kind, value=claim.value, source=claim.source)
            )
    session.flush()


def claims_of(session: Session, model_id: str) -> list[Claim]:
    """All claims about a model, by kind, oldest first."""
    return claims_of_each(session, [model_id]).get(model_id, [])


def claims_of_each(session: Session, model_ids: Iterable[str]) -> dict[str, list[Claim]]:
    """All claims about each model that has any, by kind, oldest first."""
    rows = session.scalars(
        select(ClaimRow)
        .where(ClaimRow.model_id.in_(set(model_ids)))
        .order_by(ClaimRow.kind, ClaimRow.created_at, ClaimRow.value)
    )
    claims: dict[str, list[Claim]] = {}
    for row in rows:
        claim = Claim(cast("ClaimKind", row.kind), row.value, row.source)
        claims.setdefault(row.model_id, []).append(claim)
    return claims


def declared_bases(session: Session, names: Iterable[str]) -> dict[str, str]:
    """What models of these short names (lower case, without `org/`) declare as their base.

    Of several claims the oldest counts.
    """
    rows = session.execute(
        select(ModelRow.short_key, ClaimRow.value)
        .join(ClaimRow, ClaimRow.model_id == ModelRow.id)
        .where(
            ModelRow.short_key.in_(set(names)),
            ModelRow.withdrawn_at.is_(None),
            ClaimRow.kind == "declared_base",
        )
        .order_by(ClaimRow.created_at, ClaimRow.value)
    )
    bases: dict[str, str] = {}
    for name, base in rows:
        bases.setdefault(name, base)
    return bases


def claimants(
    session: Session, kind: ClaimKind, values: Iterable[str], limit: int
) -> list[ModelRecord]:
    """Return up to `limit` models, oldest first, of which one of `values` is claimed.

    Whether letters are capitals makes no difference.
    """
    claimed = select(ClaimRow.model_id).where(
        ClaimRow.kind == kind, func.lower(ClaimRow.value).in_({value.lower() for value in values})
    )
    query = _LIVE.where(_MODELS.id.in_(claimed)).order_by(_MODELS.id).limit(limit)
    return list(map(_read, session.connection().execute(query)))


def _is_ref(name: str) -> bool:
    source, colon, _ = name.partition(":")
    return bool(colon) and source in get_args(Source)


def _meant(session: Session, named: _Named, name: str) -> list[ModelRecord]:
    if _is_ref(name):
        source, _, rest = name.partition(":")
        name, _, revision = rest.rpartition("@")
        asked = {"source": source, "whole": rest, "name": name, "revision": revision}
        return _newest(named.by_ref.rows(session, **asked))
    key = name.lower()
    return _newest(named.by_label.rows(session, key=key)) or _newest(
        named.by_short_name.rows(session, key=key)
    )


def _only(name: str, found: list[ModelRecord]) -> ModelRecord:
    if len(found) > 1:
        refs = ", ".join(str(model.ref) for model in found[:5])
        raise ConflictError("ambiguous_model", f"{name!r} could mean {refs}: say which.")
    return found[0]


def _newest(rows: Rows) -> list[ModelRecord]:
    by_name: dict[tuple[str, str], ModelRecord] = {}
    for found in map(_read, rows):
        by_name.setdefault((found.ref.source, found.ref.name), found)
    return list(by_name.values())


def _near(session: Session, name: str) -> list[str]:
    live = select(ModelRow.source, ModelRow.name).where(ModelRow.withdrawn_at.is_(None))
    pairs = session.execute(live.limit(NEAR_AMONG))
    labels = (ModelRef(cast("Source", source), full, "").label for source, full in pairs)
    return near_names(name, labels)


def _read(row: Sequence[Any]) -> ModelRecord:
    """The record of a row of _COLUMNS."""
    model_id, source, name, revision, digest, details, created_at = row
    return ModelRecord(model_id, ModelRef(source, name, revision), digest, details, created_at)


def _record(row: ModelRow) -> ModelRecord:
    ref = ModelRef(cast("Source", row.source), row.name, row.revision)
    return ModelRecord(row.id, ref, row.digest, row.details, row.created_at)
