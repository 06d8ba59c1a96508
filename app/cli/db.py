"""`genebank db`: the database's schema."""

import typer

from app.cli.console import emit, say
from app.errors import SetupError

FINDINGS = 1

db = typer.Typer(no_args_is_help=True, help="Upgrade and check the database.")


@db.command()
def upgrade() -> None:
    """Bring the schema to the newest revision; safe to run again.

    Example:
      genebank db upgrade
    """
    from app.cli.configured import load_settings, open_database
    from app.store import schema

    with open_database(load_settings()) as database:
        revision = schema.upgrade(database)
    emit(f"The database is at revision {revision}.")


@db.command()
def check() -> None:
    """Check that the schema is what this program needs; exit code 1 when it is not.

    Example:
      genebank db check
    """
    from app.cli.configured import load_settings, open_database
    from app.store import schema

    settings = load_settings()
    if not settings.database_url and not (settings.data_dir / "genebank.db").exists():
        say(f"There is no database in {settings.data_dir} yet: run `genebank db upgrade`.")
        raise typer.Exit(FINDINGS)
    with open_database(settings) as database:
        try:
            revision = schema.check(database)
        except SetupError as error:
            if error.code not in ("no_schema", "old_schema"):
                raise
            say(error.detail)
            raise typer.Exit(FINDINGS) from error
        with database.read() as session:
            differences = schema.drift(session.connection())
    for difference in differences:
        say(f"drift: {difference}")
    if differences:
        raise typer.Exit(FINDINGS)
    emit(f"The database is at revision {revision}, the newest.")
