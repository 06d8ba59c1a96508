"""The nest: processes are fresh, alone, and known to have ended."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.workers.test_confinement import await_
from workers.child import EXIT_CRASHED
from workers.nest import STATUS_UNKNOWN, Nest


def patience() -> None:
    """A heartbeat that lets it take its time."""


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


def test_a_lost_zygote_takes_its_processes_along_and_is_replaced(tmp_path: Path) -> None:
    nest = Nest(threads=1, gpus="3")
    forked = nest.fork(folder(tmp_path, "one"), patience)
    zygote = int(Path(f"/proc/{forked.pid}/stat").read_text().rpartition(")")[2].split()[1])
    assert "HOME" in environment(zygote)
    assert "CUDA_VISIBLE_DEVICES=3" in environment(zygote)
    os.kill(zygote, signal.SIGKILL)
    assert forked.ended.result(60) == STATUS_UNKNOWN
    await_(lambda: not Path(f"/proc/{forked.pid}").exists())
    with ThreadPoolExecutor(1) as pool:
        again = pool.submit(nest.fork, folder(tmp_path, "two"), patience).result()
    # The thread that asked for the zygote has ended: nothing that came of it does.
    with pytest.raises(TimeoutError):
        again.ended.result(0.5)
    nest.close()
    assert again.ended.result(60) == STATUS_UNKNOWN
    forked.close()
    again.close()


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
