"""Protocols in the database: written once under their digest, never changed."""

from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from app.dna.probes import ProbeSet
from app.dna.protocol import Protocol
from app.errors import ConflictError, NotFoundError
from app.store.kept import kept
from app.store.near import near_names
from app.store.rows import ProtocolRow

DIGEST_CHARACTERS = 64


def ensure(session: Session, protocol: Protocol) -> Protocol:
    """Add the protocol unless its digest is there; ConflictError `name_taken` on a used name.

    Returns the stored one, whose name may differ: the first name given to a digest stays.
    """
    name = session.scalar(select(ProtocolRow.name).where(ProtocolRow.digest == protocol.digest))
    if name is None:
        owner = session.scalar(select(ProtocolRow.digest).where(ProtocolRow.name == protocol.name))
        if owner == protocol.digest:
            return protocol  # Another process added it between our two looks.
        if owner is not None:
            raise ConflictError(
                "name_taken",
                f"Another protocol is named {protocol.name!r}: rename the probe set.",
            )
        name = protocol.name
        session.add(ProtocolRow(digest=protocol.digest, name=name, body=to_json(protocol)))
        session.flush()
    return replace(protocol, name=name)


def get(session: Session, name: str) -> Protocol:
    """Return a protocol by name, digest, or 8 or more first characters of its digest.

    Raises NotFoundError `no_such_protocol` with near names.
    """
    if len(name) == DIGEST_CHARACTERS:
        try:
            return kept(session, ("protocol", name), lambda: _by_digest(session, name))
        except NoResultFound:
            pass  # a name may be as long
    conditions = [ProtocolRow.digest == name, ProtocolRow.name == name]
    if len(name) >= 8 and set(name) <= set("0123456789abcdef"):
        conditions.append(ProtocolRow.digest.startswith(name))
    for condition in conditions:
        found = session.execute(_KEYS.where(condition)).fetchmany(2)
        if len(found) == 1:
            return _load(session, *found[0])
    near = near_names(name, session.scalars(select(ProtocolRow.name)))
    raise NotFoundError("no_such_protocol", f"No protocol is named {name!r}.", near)


def _by_digest(session: Session, digest: str) -> Protocol:
    return _load(session, *session.execute(_KEYS.where(ProtocolRow.digest == digest)).one())


def every(session: Session) -> list[Protocol]:
    """All protocols, oldest first."""
    keys = session.execute(_KEYS.order_by(ProtocolRow.created_at, ProtocolRow.digest))
    return [_load(session, digest, name) for digest, name in keys]


def names(session: Session) -> dict[str, str]:
    """The name of every protocol, by digest."""
    rows = session.execute(select(ProtocolRow.digest, ProtocolRow.name))
    return {digest: name for digest, name in rows}  # noqa: C416 - rows are not pairs for mypy


def to_json(protocol: Protocol) -> dict[str, Any]:
    """A protocol without its name, as it is stored."""
    fields = {name: getattr(protocol, name) for name in _PLAIN}
    probe_set = protocol.probe_set
    return fields | {
        "generation": protocol.generation_settings,
        "encoder_settings": dict(protocol.encoder_settings),
        "probe_set": {"name": probe_set.name, "probes": list(probe_set.probes)},
    }


_PLAIN = (
    "response",
    "encoder",
    "encoder_version",
    "width",
    "dtype",
    "dna_dim",
    "projection_seed",
    "projection",
)


_KEYS = select(ProtocolRow.digest, ProtocolRow.name)
# What stands under a digest never changes, and every request needs some: read it once.
_KNOWN: dict[tuple[str, str], Protocol] = {}
MOST_KNOWN = 1000


def _load(session: Session, digest: str, name: str) -> Protocol:
    known = _KNOWN.get((digest, name))
    if known is None:
        if len(_KNOWN) >= MOST_KNOWN:
            _KNOWN.clear()
        body = session.scalars(select(ProtocolRow.body).where(ProtocolRow.digest == digest)).one()
        known = _KNOWN[digest, name] = from_json(name, body)
    return known


def from_json(name: str, body: dict[str, Any]) -> Protocol:
    """Read back what `to_json` wrote; KeyError or TypeError where something is missing."""
    return Protocol(
        name=name,
        probe_set=ProbeSet(body["probe_set"]["name"], tuple(body["probe_set"]["probes"])),
        generation=tuple(sorted(body["generation"].items())),
        # Rows of the first version lack what all protocols then had in common.
        encoder_settings=tuple(sorted(body.get("encoder_settings", {}).items())),
        **{field: body[field] for field in _PLAIN if field in body},
    )
