"""The stack as plain processes: it comes up, works together, goes down, and keeps its data."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from ops import layout, servers
from ops.__main__ import main
from ops.process import Command, Process
from ops.stack import PROGRAM, Stack, running
from tests import postgres
from tests.cli import processes
from tests.registering import NO_HUB
from tests.synthetic import write_files


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own user may pass through, which pytest's are not."""
    made = Path(mkdtemp(prefix="genebank-up-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def stack(folder: Path) -> Iterator[Stack]:
    if postgres._programs() is None or shutil.which("redis-server") is None:
        pytest.skip(servers.HINT.format("PostgreSQL and Redis", "postgresql redis-server"))
    with running(folder, {"GENEBANK_HUB_URL": NO_HUB}) as up:
        yield up


def test_it_comes_up_works_together_goes_down_and_keeps_its_data(
    stack: Stack, tmp_path: Path
) -> None:
    """One test: a stack takes seconds to come up."""
    _works_together(stack, tmp_path)
    _is_whole(stack)
    _hides_its_passwords(stack)
    _goes_down_and_comes_up(stack)


def _works_together(stack: Stack, tmp_path: Path) -> None:
    with httpx2.Client(base_url=stack.url, trust_env=False) as client:
        until = time.monotonic() + 20
        while not (there := client.get("/v1/workers").json()["data"]):
            assert time.monotonic() < until
            time.sleep(0.1)
        assert [worker["hears_by"] for worker in there] == ["broker"]
        lines, probes = write_files(tmp_path)
        env = stack.environment
        imported = processes.start(PROGRAM, "import", lines, "--probes", probes, env=env)
        out, errors = imported.communicate(timeout=60)
        assert imported.returncode == 0, out + errors
        numbers = {
            family.name: family.samples
            for family in text_string_to_metric_families(client.get("/metrics").text)
        }
        assert numbers["genebank_database_up"][0].value == 1
        assert numbers["genebank_newest_entry"][0].value == 6
        assert sum(sample.value for sample in numbers["genebank_workers"]) == 1


def _is_whole(stack: Stack) -> None:
    for words in (("fsck",), ("doctor", "--worker")):
        asked = processes.start(PROGRAM, *words, env=stack.environment)
        out, errors = asked.communicate(timeout=60)
        assert asked.returncode == 0, out + errors


def _hides_its_passwords(stack: Stack) -> None:
    secrets = (stack.layout.postgres_password, stack.layout.redis_password)
    for process in stack.processes.values():
        assert process.pid is not None
        arguments = Path(f"/proc/{process.pid}/cmdline").read_text()
        said = process.log.read_text(errors="replace")
        assert not any(secret in arguments + said for secret in secrets), process.name
    kept = stack.folder / "layout.json"
    assert kept.stat().st_mode & 0o077 == 0


def _goes_down_and_comes_up(stack: Stack) -> None:
    before = {name: process.pid for name, process in stack.processes.items()}
    assert stack.down() == [], "nothing had to be killed"
    assert not any(process.pid for process in stack.processes.values())
    for name, pid in before.items():
        assert not Path(f"/proc/{pid}").exists(), name
    assert main(["status", str(stack.folder)]) == 1
    stack.up()
    stack.up()  # nothing is started twice
    assert layout.load(stack.folder) == stack.layout
    answer = httpx2.get(f"{stack.url}/v1/models", trust_env=False)
    assert len(answer.json()["data"]) == 6


def test_an_id_that_somebody_else_has_now_is_left_alone(tmp_path: Path) -> None:
    command = Command("sleeper", ["/bin/sleep", "60"], {}, grace_s=1.0)
    process = Process(tmp_path, command)
    process.start()
    pid = process.pid
    assert pid is not None
    (tmp_path / "pids" / "sleeper").write_text(f"{os.getpid()} 1")
    assert process.pid is None
    assert process.stop(), "this very process lives on"
    (tmp_path / "pids" / "sleeper").write_text(f"{pid} {_began(pid)}")
    assert process.stop()
    assert not Path(f"/proc/{pid}").exists()


def test_without_a_stack_there_is_nothing_to_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["down", str(tmp_path / "none")]) == 0
    assert main(["sideways"]) == 2
    assert "no stack" in capsys.readouterr().out
    assert not (tmp_path / "none").exists()


def _began(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
