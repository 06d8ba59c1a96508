"""What a confined process can and cannot do, tried in a real one."""

import subprocess
import sys
import time
from pathlib import Path

PRELUDE = "from workers.confinement import *; import socket, os; level = confine(required=True); "


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PRELUDE + code], capture_output=True, text=True, timeout=60
    )


def test_no_socket_of_any_family_can_be_made() -> None:
    for family in ("AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK"):
        ended = run(f"socket.socket(socket.{family}, socket.SOCK_DGRAM)")
        assert "PermissionError" in ended.stderr, family


def test_a_socket_that_was_there_before_cannot_be_connected() -> None:
    code = (
        "from workers.confinement import *; import socket; s = socket.socket(); "
        "confine(required=True); s.connect(('127.0.0.1', 9))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert "PermissionError" in ended.stderr


def test_ordinary_work_goes_on(tmp_path: Path) -> None:
    code = (
        "import threading; t = threading.Thread(target=lambda: None); t.start(); t.join(); "
        f"open({str(tmp_path / 'x')!r}, 'w').write('y'); r, w = os.pipe(); print(level)"
    )
    assert run(code).stdout == "seccomp\n"


def test_namespaces_and_other_processes_are_out_of_reach() -> None:
    code = (
        "import ctypes; libc = ctypes.CDLL(None, use_errno=True); "
        "print([libc.unshare(0x10000000), ctypes.get_errno(), "
        "libc.ptrace(16, os.getppid(), 0, 0), ctypes.get_errno()])"
    )
    assert run(code).stdout == "[-1, 13, -1, 13]\n"


def test_it_lasts_through_exec() -> None:
    code = (
        "import sys; os.execv(sys.executable, ['python', '-c', 'import socket; socket.socket()'])"
    )
    assert "PermissionError" in run(code).stderr


def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    child = (
        "from workers.confinement import die_with_parent; import os, pathlib, time; "
        "die_with_parent(os.getppid()); "
        f"pathlib.Path({str(pid_file)!r}).write_text(str(os.getpid())); "
        "time.sleep(60)"
    )
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with subprocess.Popen([sys.executable, "-c", parent]) as process:
        await_(lambda: pid_file.exists() and pid_file.read_text())
        pid = int(pid_file.read_text())
        process.kill()
    await_(lambda: not Path(f"/proc/{pid}").exists() or "Z" in state(pid))


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def await_(true: object, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < until
        time.sleep(0.02)
