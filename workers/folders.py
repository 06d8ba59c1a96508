"""Where a job keeps files: a private folder for each try, downloads between its tries; nothing of
either stays when the job has ended.
"""

import shutil
import tempfile
from pathlib import Path

from app.errors import NotFoundError, SetupError
from app.store import jobs
from app.store.database import Database


def downloads(data_dir: Path, job_id: str) -> Path:
    """The folder of a job's downloads; it may not exist."""
    return data_dir / "downloads" / job_id


def private(data_dir: Path, job_id: str) -> Path:
    """Make an empty folder for a try; what earlier tries left behind is removed.

    Raises SetupError `cannot_store`.
    """
    parent = data_dir / "jobs"
    try:
        parent.mkdir(parents=True, exist_ok=True)
        for old in parent.glob(f"{job_id}-*"):
            shutil.rmtree(old, ignore_errors=True)
        return Path(tempfile.mkdtemp(prefix=f"{job_id}-", dir=parent))
    except OSError as error:
        raise SetupError(
            "cannot_store", f"The data folder cannot be written to ({error.strerror})."
        ) from error


def give_up_downloads(data_dir: Path, job_id: str) -> None:
    """Remove what a job has downloaded so far, so that others have room."""
    shutil.rmtree(downloads(data_dir, job_id), ignore_errors=True)


def sweep(database: Database, data_dir: Path) -> None:
    """Remove the folders of jobs that have ended, here or elsewhere."""
    for kind in ("jobs", "downloads"):
        parent = data_dir / kind
        for folder in parent.iterdir() if parent.is_dir() else ():
            if _is_over(database, folder.name.partition("-")[0]):
                shutil.rmtree(folder, ignore_errors=True)


def _is_over(database: Database, job_id: str) -> bool:
    """Whether a job of this registry has ended; another one may keep its files here too."""
    with database.read() as session:
        try:
            return jobs.get(session, job_id).is_terminal
        except NotFoundError:
            return False
