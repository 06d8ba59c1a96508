"""Protocols in the database: written once under their digest, never changed."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.dna.probes import ProbeSet
from app.dna.protocol import Protocol
from app.errors import ConflictError, NotFoundError
from app.store.near import near_names
from app.store.rows import ProtocolRow


def ensure(session: Session, protocol: Protocol) -> Protocol:
    """Add the protocol unless its digest is there; ConflictError `name_taken` on a used name.

    Returns the stored one, whose name may differ: the first name given to a digest stays.
    """
    row = session.get(ProtocolRow, protocol.digest)
    if row is None:
        if session.scalar(select(ProtocolRow.digest).where(ProtocolRow.name == protocol.name)):
            raise ConflictError(
                "name_taken",
                f"Another protocol is named {protocol.name!r}: rename the probe set.",
            )
        row = ProtocolRow(digest=protocol.digest, name=protocol.name, body=_body(protocol))
        session.add(row)
        session.flush()
    return _protocol(row)


def get(session: Session, name: str) -> Protocol:
    """Return a protocol by name, digest, or 8 or more first characters of its digest.

    Raises NotFoundError `no_such_protocol` with near names.
    """
    row = session.get(ProtocolRow, name) or session.scalar(
        select(ProtocolRow).where(ProtocolRow.name == name)
    )
    if row is None and len(name) >= 8 and set(name) <= set("0123456789abcdef"):
        found = session.scalars(select(ProtocolRow).where(ProtocolRow.digest.startswith(name)))
        rows = list(found.fetchmany(2))
        row = rows[0] if len(rows) == 1 else None
    if row is None:
        near = near_names(name, session.scalars(select(ProtocolRow.name)))
        raise NotFoundError("no_such_protocol", f"No protocol is named {name!r}.", near)
    return _protocol(row)


def every(session: Session) -> list[Protocol]:
    """All protocols, oldest first."""
    rows = session.scalars(select(ProtocolRow).order_by(ProtocolRow.created_at, ProtocolRow.digest))
    return [_protocol(row) for row in rows]


def names(session: Session) -> dict[str, str]:
    """The name of every protocol, by digest."""
    rows = session.execute(select(ProtocolRow.digest, ProtocolRow.name))
    return {digest: name for digest, name in rows}  # noqa: C416 - rows are not pairs for mypy


def _body(protocol: Protocol) -> dict[str, Any]:
    fields = {name: getattr(protocol, name) for name in _PLAIN}
    probe_set = protocol.probe_set
    return fields | {
        "generation": protocol.generation_settings,
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
)


def _protocol(row: ProtocolRow) -> Protocol:
    body = row.body
    return Protocol(
        name=row.name,
        probe_set=ProbeSet(body["probe_set"]["name"], tuple(body["probe_set"]["probes"])),
        generation=tuple(sorted(body["generation"].items())),
        **{name: body[name] for name in _PLAIN},
    )
