"""The nest: processes are fresh, alone, and known to have ended."""

import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from app.errors import SetupError
from app.hub.client import Hub
from app.queue import WorkerConfig
from app.store import jobs
from app.store.database import Database
from tests.registering import NO_HUB, register_local
from tests.tiny_model import write_model
from tests.workers.test_confinement import await_
from workers.child import EXIT_CRASHED
from workers.extraction import Tools
from workers.nest import Nest, NestLostError
from workers.trying import see_through


def patience() -> None:
    """A heartbeat that lets it take its time."""


def impatience() -> None:
    """A heartbeat that does not."""
    raise TimeoutError


def folder(tmp_path: Path, name: str) -> Path:
    made = tmp_path / name
    made.mkdir()
    return made


def environment(pid: int) -> str:
    return Path(f"/proc/{pid}/environ").read_text()


def test_a_process_is_alone(nest: Nest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The zygote was started before, but not with what a shell calls exported either.
    monkeypatch.setenv("GENEBANK_DATABASE_URL", "canary")
    forked = nest.fork(folder(tmp_path, "one"), patience)
    process = Path(f"/proc/{forked.pid}")
    await_(lambda: os.getpgid(forked.pid) == forked.pid)
    await_(lambda: str((process / "cwd").readlink()) == str(tmp_path / "one"))
    assert "GENEBANK" not in environment(forked.pid)
    assert len(list((process / "task").iterdir())) == 1
    await_(lambda: {fd.name for fd in (process / "fd").iterdir()} <= set("0123"))
    forked.stdin.close()
    assert forked.ended.result(60) == EXIT_CRASHED
    assert "JSONDecodeError" in (tmp_path / "one" / "stderr").read_text()
    assert forked.stdout.read() == b""
    forked.close()


def test_how_it_was_killed_is_known(nest: Nest, tmp_path: Path) -> None:
    first = nest.fork(folder(tmp_path, "one"), patience)
    second = nest.fork(folder(tmp_path, "two"), patience)
    os.kill(second.pid, signal.SIGSEGV)
    os.kill(first.pid, signal.SIGKILL)
    assert first.ended.result(60) == -signal.SIGKILL
    assert second.ended.result(60) == -signal.SIGSEGV
    first.close()
    second.close()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_lost_zygote_takes_its_processes_along_and_is_replaced(
    database: Database, config: WorkerConfig, tmp_path: Path
) -> None:
    nest = Nest(threads=1, gpus="3")
    register_local(database, write_model(tmp_path / "models" / "one", seed=1))
    with database.write() as session:
        job = jobs.claim(session, "me", 60.0)
        assert job is not None
    tools = Tools(database, config, nest, Hub(NO_HUB), threading.Event())
    with ThreadPoolExecutor(1) as pool:
        trying = pool.submit(see_through, tools, job)
        pid = at_work(config.data_dir / "jobs")
        os.kill(pid, signal.SIGSTOP)
        zygote = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        assert "HOME" in environment(zygote)
        assert "CUDA_VISIBLE_DEVICES=3" in environment(zygote)
        # A supervisor that asks all to end does not end what the worker is to see to.
        os.kill(zygote, signal.SIGTERM)
        with pytest.raises(TimeoutError):
            trying.result(0.3)
        os.kill(zygote, signal.SIGKILL)
        trying.result(60)
    await_(lambda: not Path(f"/proc/{pid}").exists())
    with database.read() as session:
        now = jobs.get(session, job.id)
    assert (now.state, now.error_code) == ("queued", None)
    assert (now.lease_losses, now.model_faults) == (1, 0)
    with ThreadPoolExecutor(1) as pool:
        again = pool.submit(nest.fork, folder(tmp_path, "two"), patience).result()
    # The thread that asked for the zygote has ended: nothing that came of it does.
    with pytest.raises(TimeoutError):
        again.ended.result(0.5)
    # It has the only GPU until it has ended.
    with pytest.raises(TimeoutError):
        nest.fork(folder(tmp_path, "three"), impatience)
    os.kill(again.pid, signal.SIGKILL)
    last = nest.fork(folder(tmp_path, "four"), patience)
    assert again.ended.result(60) == -signal.SIGKILL
    nest.close()
    with pytest.raises(NestLostError):
        last.ended.result(60)
    again.close()
    last.close()


def test_a_zygote_that_does_not_start_is_the_installations_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    nest = Nest(threads=1)

    def asked(number: int) -> str:
        with pytest.raises(SetupError) as raised:
            nest.fork(folder(tmp_path, str(number)), patience)
        return raised.value.code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(asked, range(8))) == {"jobs_cannot_start"}
    nest.close()


def at_work(folder: Path) -> int:
    """The process that works in a folder within this one, once there is one."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (process / "cwd").readlink().parent == folder:
                    return int(process.name)
    raise TimeoutError


def test_the_heartbeat_goes_on_while_torch_is_imported(tmp_path: Path) -> None:
    nest = Nest(threads=1)
    beats = 0

    def beat() -> None:
        nonlocal beats
        beats += 1
        if beats == 3:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        nest.fork(folder(tmp_path, "one"), beat)
    nest.close()
