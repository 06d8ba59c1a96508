"""Downloads stay while their job may go on, and no longer."""

from pathlib import Path

from app.records import ModelRef
from app.store import jobs, models
from app.store.database import Database
from workers import downloads


def _job(database: Database, name: str) -> str:
    with database.write() as session:
        model = models.register(session, ModelRef("hf", name, "0" * 40))
        return jobs.submit(session, "extract", model.id, [])[0].id


def test_downloads_of_jobs_that_ended_are_removed(database: Database, tmp_path: Path) -> None:
    going, ended, unknown = _job(database, "a/b"), _job(database, "a/c"), "job_unknown"
    with database.write() as session:
        jobs.cancel(session, ended)
    for job in (going, ended, unknown):
        folder = downloads.folder_of(tmp_path, job)
        folder.mkdir(parents=True)
        (folder / "model.safetensors").write_bytes(b"part")
    downloads.sweep(database, tmp_path)
    assert [path.name for path in (tmp_path / "downloads").iterdir()] == [going]


def test_without_downloads_there_is_nothing_to_sweep(database: Database, tmp_path: Path) -> None:
    downloads.sweep(database, tmp_path)
    assert not list(tmp_path.glob("downloads"))
