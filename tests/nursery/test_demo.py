"""`make demo` as a person sees it, on the tiniest nursery; and again after it was killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(folder: Path, port: int) -> list[str]:
    options = ["--folder", str(folder), "--port", str(port), "--size", "tiny", "--exit"]
    return [sys.executable, "-m", "nursery.demo", *options]


def service_of(demo: int) -> int:
    """The process that serves, which the demo started."""
    for children in Path(f"/proc/{demo}/task").glob("*/children"):
        for child in children.read_text().split():
            if b"serve" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
    raise AssertionError("the demo serves nothing")


def test_it_shows_relatives_and_tree_next_to_the_truth_even_after_a_kill(
    tmp_path: Path, port: int
) -> None:
    folder = tmp_path / "demo"
    log = tmp_path / "first.log"
    with log.open("wb") as errors, subprocess.Popen(command(folder, port), stderr=errors) as first:
        until = time.monotonic() + 240
        while b"models accepted" not in log.read_bytes():
            assert first.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.1)
        os.kill(service_of(first.pid), signal.SIGKILL)
        assert first.wait(60) == 2
    assert "nothing is lost" in log.read_text()
    again = subprocess.run(
        command(folder, port), capture_output=True, text=True, timeout=240, check=False
    )
    assert again.returncode == 0, again.stderr
    assert "$ genebank relatives aster-chat-lora -k 5" in again.stdout
    assert "In truth: aster-chat-lora ← aster-chat ← aster-base" in again.stdout
    assert "likelihood-v1" in again.stdout
    assert "lexical-v1" in again.stdout
    tree = again.stdout.partition("$ genebank tree")[2].partition("The true genealogy")[0]
    for name in ("aspen-base", "aster-blend", "cedar-base"):
        assert name in tree
    assert f"http://127.0.0.1:{port}" in again.stderr


def test_a_taken_port_is_said_at_once(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = subprocess.run(
            command(tmp_path / "demo", taken.getsockname()[1]),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert ended.returncode == 2
    assert "The service did not start" in ended.stderr
