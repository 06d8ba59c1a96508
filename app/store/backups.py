"""A database as one file, and back: SQLite by its online backup, PostgreSQL by its own programs.

A service may go on meanwhile: both see one moment of the database. A file appears whole or not at
all, for its owner alone.
"""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import URL

from app.errors import ConflictError, InputError, SetupError
from app.store.database import Database

SQLITE_MAGIC = b"SQLite format 3\0"
PG_DUMP_MAGIC = b"PGDMP"
# Pages that are copied between two looks of writers: 4 MB.
PAGES = 1024
# Whoever restores owns what comes, and says who may read it.
AS_IT_IS = ("--no-owner", "--no-privileges")


def backup(database: Database, target: Path) -> int:
    """Write a backup of a database to a new file; return its bytes.

    Raises ConflictError `file_exists`; SetupError `cannot_write`, `pg_programs_missing`,
    `backup_failed`.
    """
    if target.exists():
        raise ConflictError("file_exists", f"{target} is there already: name another file.")
    with _begun(target) as part:
        if database.is_sqlite:
            _copy_sqlite(Path(database.url.database or ""), part)
        else:
            _call(database.url, ["pg_dump", "--format=custom", *AS_IT_IS, f"--file={part}"])
    return target.stat().st_size


def restore(database: Database, source: Path) -> None:
    """Fill an empty database from a backup of the same kind, whole or not at all.

    Raises InputError `bad_backup`; ConflictError `not_empty`; SetupError as `backup` does.
    """
    _check_kind(database, source)
    if database.is_sqlite:
        target = Path(database.url.database or "")
        if target.exists() and _tables(target):
            raise _not_empty(str(target))
        database.close()
        for leftover in (target, *_beside(target)):
            leftover.unlink(missing_ok=True)
        with _begun(target) as part:
            _copy_sqlite(source, part)
        return
    with database.read() as session:
        tables = session.scalar(
            text("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()")
        )
    if tables:
        raise _not_empty(f"Database {database.url.database}")
    whole = ["--single-transaction", "--exit-on-error"]
    _call(database.url, ["pg_restore", *whole, *AS_IT_IS, str(source)])


@contextmanager
def _begun(target: Path) -> Iterator[Path]:
    """A file beside the target, for its owner alone, which takes its place when it is whole."""
    part = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        raise SetupError(
            "cannot_write", f"{target} cannot be written: {error.strerror or error}."
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _copy_sqlite(source: Path, target: Path) -> None:
    """Copy one moment of a database that may be in use; check that what came is whole."""
    try:
        with closing(_opened(source)) as origin, closing(sqlite3.connect(target)) as copy:
            origin.backup(copy, pages=PAGES)
            # One file, without a write-ahead log beside it.
            copy.execute("PRAGMA journal_mode=DELETE")
            [[verdict]] = copy.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.Error as error:
        raise SetupError("backup_failed", f"{source} cannot be copied: {error}.") from error
    if verdict != "ok":
        raise SetupError("backup_failed", f"{source} is damaged: {verdict}.")


def _opened(path: Path) -> sqlite3.Connection:
    """A database that is only read."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def _tables(path: Path) -> int:
    try:
        with closing(_opened(path)) as connection:
            [[count]] = connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    except sqlite3.Error as error:
        raise _not_empty(str(path)) from error
    return int(count)


def _beside(path: Path) -> tuple[Path, Path]:
    return path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")


def _check_kind(database: Database, source: Path) -> None:
    try:
        with source.open("rb") as file:
            begins = file.read(len(SQLITE_MAGIC))
    except OSError as error:
        raise InputError("bad_backup", f"{source} cannot be read: {error.strerror}.") from error
    kinds = {SQLITE_MAGIC: "SQLite", PG_DUMP_MAGIC: "PostgreSQL"}
    found = next((kind for magic, kind in kinds.items() if begins.startswith(magic)), None)
    wanted = "SQLite" if database.is_sqlite else "PostgreSQL"
    if found is None:
        raise InputError("bad_backup", f"{source} is no backup that `genebank db backup` made.")
    if found != wanted:
        raise InputError(
            "bad_backup",
            f"{source} is a backup of {found}, and GENEBANK_DATABASE_URL names {wanted}: to move "
            "from one to the other, use `genebank export` and `genebank import`.",
        )


def _not_empty(what: str) -> ConflictError:
    return ConflictError(
        "not_empty", f"{what} is not empty: restore into a new one, and point Genebank at it."
    )


def _call(url: URL, command: list[str]) -> None:
    """Run a program of PostgreSQL on a database. No password is among its arguments."""
    program = shutil.which(command[0])
    if program is None:
        raise SetupError(
            "pg_programs_missing",
            f"{command[0]} is not on PATH: install the client programs of PostgreSQL, of the "
            "server's version or later (Debian: apt-get install postgresql-client).",
        )
    with _password_file(url) as known:
        name = url.set(drivername="postgresql", password=None).update_query_dict(known)
        done = subprocess.run(  # noqa: S603  what is run is ours, the URL is one argument
            [program, f"--dbname={name.render_as_string()}", *command[1:]],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise SetupError("backup_failed", f"{command[0]} failed: {said[0]}")


@contextmanager
def _password_file(url: URL) -> Iterator[dict[str, str]]:
    """What names a file with the password to libpq: arguments and environments can be read."""
    if url.password is None:
        yield {}
        return
    with tempfile.TemporaryDirectory(prefix="genebank-") as folder:
        path = Path(folder) / "pgpass"
        path.touch(mode=0o600)
        escaped = str(url.password).replace("\\", "\\\\").replace(":", "\\:")
        path.write_text(f"*:*:*:*:{escaped}\n", encoding="utf-8")
        yield {"passfile": str(path)}
