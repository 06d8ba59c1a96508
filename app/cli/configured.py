"""What the settings say: read once a verb, with clear errors, and the database that they name."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import ValidationError

from app import telemetry
from app.errors import SetupError
from app.settings import Settings
from app.store.database import Database, Limits


def load_settings(**given: Any) -> Settings:
    """Return the settings of the environment, replaced by what is given and not None.

    Raises SetupError `bad_setting`.
    """
    chosen = {name: value for name, value in given.items() if value is not None}
    try:
        settings = Settings(**chosen)
    except ValidationError as error:
        first = error.errors()[0]
        name = f"GENEBANK_{str(first['loc'][0]).upper()}"
        raise SetupError("bad_setting", f"{name} is wrong: {first['msg']}.") from error
    telemetry.hide(settings.secrets)
    return settings


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """The database of the settings, without bounds of time, closed at the end."""
    database = Database(settings.resolved_database_url, Limits(settings.database_pool))
    try:
        yield database
    finally:
        database.close()
