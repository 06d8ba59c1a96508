"""Where jobs keep what they download: between their tries, and not beyond their end."""

import shutil
from pathlib import Path

from app.errors import NotFoundError
from app.store import jobs
from app.store.database import Database


def folder_of(data_dir: Path, job_id: str) -> Path:
    """The folder of a job's downloads; it may not exist."""
    return data_dir / "downloads" / job_id


def sweep(database: Database, data_dir: Path) -> None:
    """Remove the downloads of jobs that have ended, here or elsewhere."""
    parent = data_dir / "downloads"
    for folder in parent.iterdir() if parent.is_dir() else ():
        if _is_over(database, folder.name):
            shutil.rmtree(folder, ignore_errors=True)


def _is_over(database: Database, job_id: str) -> bool:
    with database.read() as session:
        try:
            return jobs.get(session, job_id).is_terminal
        except NotFoundError:
            return True
