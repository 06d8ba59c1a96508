"""Use case: protocols by name, those in use and those that Genebank brings along."""

from app.dna.protocol import Protocol, builtins
from app.errors import NotFoundError
from app.store import protocols
from app.store.database import Session
from app.store.near import near_names


def every(session: Session) -> list[Protocol]:
    """Those in use, oldest first, then those that wait for their first model."""
    stored = protocols.every(session)
    digests = {protocol.digest for protocol in stored}
    return [*stored, *(protocol for protocol in builtins() if protocol.digest not in digests)]


def find(session: Session, name: str) -> Protocol:
    """Return a protocol by name, digest, or 8 or more first characters of its digest.

    Raises NotFoundError `no_such_protocol` with near names.
    """
    try:
        return protocols.get(session, name)
    except NotFoundError as error:
        for protocol in builtins():
            if name == protocol.name or (len(name) >= 8 and protocol.digest.startswith(name)):
                return protocol
        names = [*protocols.names(session).values(), *(p.name for p in builtins())]
        raise NotFoundError(error.code, error.detail, near_names(name, names)) from None
