"""Endpoints: the APIs that an administrator allows workers to ask."""

from dataclasses import asdict
from typing import cast

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.errors import ConflictError, NotFoundError
from app.records import EndpointKind, EndpointRecord, EndpointSettings
from app.store.near import near_names
from app.store.rows import EndpointRow


def add(session: Session, endpoint: EndpointRecord) -> None:
    """Add an endpoint; ConflictError `endpoint_exists`."""
    if session.get(EndpointRow, endpoint.name) is not None:
        raise ConflictError(
            "endpoint_exists",
            f"There is an endpoint {endpoint.name!r}: remove it first, or choose another name.",
        )
    session.add(
        EndpointRow(
            name=endpoint.name,
            url=endpoint.url,
            kind=endpoint.kind,
            settings=asdict(endpoint.settings),
            sealed_key=endpoint.sealed_key,
        )
    )
    session.flush()


def get(session: Session, name: str) -> EndpointRecord:
    """Return an endpoint; NotFoundError `no_such_endpoint` carries near names."""
    row = session.get(EndpointRow, name)
    if row is None:
        raise _missing(session, name)
    return _record(row)


def every(session: Session) -> list[EndpointRecord]:
    """All endpoints, by name."""
    return [_record(row) for row in session.scalars(select(EndpointRow).order_by(EndpointRow.name))]


def remove(session: Session, name: str) -> None:
    """Forget an endpoint and its key; NotFoundError `no_such_endpoint`."""
    if session.get(EndpointRow, name) is None:
        raise _missing(session, name)
    session.execute(delete(EndpointRow).where(EndpointRow.name == name))


def _missing(session: Session, name: str) -> NotFoundError:
    return NotFoundError(
        "no_such_endpoint",
        f"No endpoint is named {name!r}: an administrator adds it with `genebank endpoint add`.",
        near_names(name, session.scalars(select(EndpointRow.name))),
    )


def _record(row: EndpointRow) -> EndpointRecord:
    return EndpointRecord(
        name=row.name,
        url=row.url,
        kind=cast("EndpointKind", row.kind),
        settings=EndpointSettings(**row.settings),
        sealed_key=row.sealed_key,
    )
