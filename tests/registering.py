"""Models are registered as a POST does it: pinned first, then written."""

from collections.abc import Sequence
from pathlib import Path

from app.hub.client import Hub
from app.records import Claim
from app.services.model_refs import Sources, pin
from app.services.register_model import Registered, register_model
from app.store.database import Database

# Port 9 (discard): nothing answers there.
NO_HUB = "http://127.0.0.1:9"


def sources(database: Database, *roots: Path, hub: str = NO_HUB) -> Sources:
    """Local models under `roots`, and the hub at an address."""
    return Sources(database, Hub(hub, "", patience_s=1.0), roots)


def register_local(
    database: Database,
    directory: Path,
    claims: Sequence[Claim] = (),
    wanted: Sequence[str] | None = None,
) -> Registered:
    """Register a directory under a root that allows it."""
    pinned = pin(sources(database, directory.parent), f"local:{directory}")
    return database.transact(lambda session: register_model(session, pinned, claims, wanted))
