"""Files of a job stay while it may go on, and no longer."""

from pathlib import Path

from app.records import ModelRef
from app.store import jobs, models
from app.store.database import Database
from workers import folders


def _job(database: Database, name: str) -> str:
    with database.write() as session:
        model = models.register(session, ModelRef("hf", name, "0" * 40))
        return jobs.submit(session, "extract", model.id, [])[0].id


def test_files_of_jobs_that_ended_are_removed(database: Database, tmp_path: Path) -> None:
    going, ended, of_another = _job(database, "a/b"), _job(database, "a/c"), "job_of_another"
    with database.write() as session:
        jobs.cancel(session, ended)
    for job in (going, ended, of_another):
        folders.downloads(tmp_path, job).mkdir(parents=True)
        (folders.downloads(tmp_path, job) / "model.safetensors").write_bytes(b"part")
        (folders.private(tmp_path, job) / "model").mkdir()
    folders.sweep(database, tmp_path)
    left = {path.name.partition("-")[0] for path in tmp_path.glob("*/*")}
    assert left == {going, of_another}
    assert len(list(tmp_path.glob("*/*"))) == 4


def test_a_try_finds_nothing_of_the_one_before(database: Database, tmp_path: Path) -> None:
    first = folders.private(tmp_path, "job_1")
    other = folders.private(tmp_path, "job_12")
    second = folders.private(tmp_path, "job_1")
    assert not first.exists()
    assert other.exists()
    assert not list(second.iterdir())


def test_without_folders_there_is_nothing_to_sweep(database: Database, tmp_path: Path) -> None:
    folders.sweep(database, tmp_path)
    assert not list(tmp_path.glob("downloads"))
