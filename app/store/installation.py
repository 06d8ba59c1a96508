"""Secrets that an installation draws once and keeps in its database."""

import secrets

from sqlalchemy.exc import IntegrityError

from app.store.database import Database
from app.store.rows import InstallationRow


def secret(database: Database, name: str) -> bytes:
    """Return the installation's 32 secret bytes of this name, drawing them the first time."""
    with database.read() as session:
        row = session.get(InstallationRow, name)
        if row is not None:
            return row.value
    try:
        with database.write() as session:
            session.add(InstallationRow(name=name, value=secrets.token_bytes(32)))
    except IntegrityError:
        pass  # Another process drew it at the same moment: theirs counts.
    with database.read() as session:
        return session.get_one(InstallationRow, name).value
