"""What the settings say: read once a verb, with clear errors, and the database that they name."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import ValidationError

from app.errors import SetupError
from app.settings import Settings
from app.store.database import Database


def load_settings(**given: Any) -> Settings:
    """Return the settings of the environment, replaced by what is given and not None.

    Raises SetupError `bad_setting`.
    """
    chosen = {name: value for name, value in given.items() if value is not None}
    try:
        return Settings(**chosen)
    except ValidationError as error:
        first = error.errors()[0]
        name = f"GENEBANK_{str(first['loc'][0]).upper()}"
        raise SetupError("bad_setting", f"{name} is wrong: {first['msg']}.") from error


def make_data_dir(settings: Settings) -> None:
    """Make the data folder, for its owner alone; SetupError `bad_data_dir`."""
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(
            "bad_data_dir",
            f"The data folder {settings.data_dir} cannot be made ({error.strerror}): "
            "set GENEBANK_DATA_DIR to one that can.",
        ) from error


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """The database of the settings, closed at the end; SQLite's folder is made."""
    if not settings.database_url:
        make_data_dir(settings)
    database = Database(settings.resolved_database_url)
    try:
        yield database
    finally:
        database.close()
