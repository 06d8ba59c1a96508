"""`genebank db`: the database's schema, its backups, and how long it keeps responses."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import emit, say
from app.cli.figures import size
from app.errors import SetupError

if TYPE_CHECKING:
    from app.settings import Settings

FINDINGS = 1
# Responses that are emptied in one transaction: writers wait for a moment only.
AT_ONCE = 1000

BackupFile = Annotated[Path, typer.Argument(metavar="FILE", help="The file of the backup.")]

db = typer.Typer(
    no_args_is_help=True, help="Upgrade, check, back up, restore and mend the database."
)


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


@db.command()
def backup(file: BackupFile) -> None:
    """Back the database up into one new file; a service may run meanwhile.

    PostgreSQL needs pg_dump on PATH. The secret with which keys of endpoints are sealed is not in
    the database: keep it apart, or its keys must be given anew after a restore.

    Example:
      genebank db backup /backups/genebank-2026-01-31
    """
    from app.cli.configured import load_settings, open_database
    from app.store import backups

    settings = load_settings()
    with open_database(settings) as database:
        written = backups.backup(database, file)
    emit(f"{file}: {size(written)}.")
    _remind_of_secret(settings)


@db.command()
def restore(file: BackupFile) -> None:
    """Fill an empty database from a backup; never one that holds something.

    PostgreSQL needs pg_restore on PATH, and a database that `createdb` made.

    Example:
      GENEBANK_DATA_DIR=/srv/anew genebank db restore /backups/genebank-2026-01-31
    """
    from app.cli.configured import load_settings, open_database
    from app.store import backups, schema

    settings = load_settings()
    with open_database(settings) as database:
        backups.restore(database, file)
    with open_database(settings) as database, database.read() as session:
        revision = schema.current(session.connection())
    emit(f"The database is restored, at revision {revision}.")
    if revision != schema.head():
        say(f"This program needs revision {schema.head()}: run `genebank db upgrade`.")
    say("Then look whether all is there: `genebank fsck`.")
    _remind_of_secret(settings)


@db.command()
def prune(
    days: Annotated[
        float | None,
        typer.Option("--days", min=0, help="Instead of GENEBANK_KEEP_RESPONSES_DAYS."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; else it is only counted.")] = False,
) -> None:
    """Empty responses that are older than GENEBANK_KEEP_RESPONSES_DAYS; all else stays.

    Scores, relatives and trees go on as before; evidence can no longer show what was answered.

    Example:
      genebank db prune --days 365 --yes
    """
    from app.cli.configured import load_settings, open_database
    from app.errors import InputError
    from app.store import retention, schema

    settings = load_settings()
    kept = settings.keep_responses_days if days is None else days
    if kept is None:
        raise InputError(
            "nothing_to_prune",
            "Responses are kept for ever: set GENEBANK_KEEP_RESPONSES_DAYS, or say --days.",
        )
    with open_database(settings) as database:
        schema.check(database)
        with database.read() as session:
            found = retention.prunable(session, kept)
        emit(
            f"{found.entries} entries have responses older than {kept:g} days: "
            f"{size(found.n_bytes)}."
        )
        if not yes:
            say("Nothing was changed: --yes empties them, for ever.")
            return
        emptied, more = 0, True
        while more:
            with database.write() as session:
                done = retention.prune(session, kept, AT_ONCE)
            emptied, more = emptied + done, done == AT_ONCE
    emit(f"The responses of {emptied} entries were emptied.")


def _remind_of_secret(settings: "Settings") -> None:
    """Say where the secret is that is in no backup."""
    from app.services.sealing import SECRET_FILE

    if settings.secret_key.get_secret_value():
        say("Keys of endpoints are sealed with GENEBANK_SECRET_KEY, which is in no backup.")
    else:
        say(
            f"Keys of endpoints are sealed with the file {settings.data_dir / SECRET_FILE}, which "
            "is in no backup: keep a copy of it apart, if it is there."
        )


@db.command()
def release(
    job: Annotated[str, typer.Argument(metavar="JOB", help="The id of a quarantined job.")],
) -> None:
    """Lift a quarantine, once its cause is mended: the job is tried anew.

    Example:
      genebank db release job_01hx2v9k3e8q7r5t6w4y2z1a3b
    """
    from app.cli.configured import load_settings, open_database
    from app.store import quarantine, schema

    with open_database(load_settings()) as database:
        schema.check(database)
        with database.write() as session:
            lifted = quarantine.lift(session, job)
    emit(f"Job {lifted.id} waits in queue {lifted.queue}.")
