"""Real processes: the installed program, and a stranger that speaks HTTP."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from tests.registering import NO_HUB

PYTHON = sys.executable
PROGRAM = str(Path(sys.executable).with_name("genebank"))

_STRANGER = """
import http.server
class Stranger(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Stranger)
print(server.server_port, flush=True)
server.serve_forever()
"""


def start(*command: object, env: dict[str, str] | None = None) -> "subprocess.Popen[str]":
    """Start a program with pipes for all that it says."""
    return subprocess.Popen(
        [str(word) for word in command],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(*command: object) -> "subprocess.CompletedProcess[str]":
    """Run a program to its end."""
    process = start(*command)
    try:
        out, errors = process.communicate(timeout=120)
    finally:
        process.kill()
    return subprocess.CompletedProcess(process.args, process.returncode, out, errors)


@contextmanager
def service(
    data_dir: Path, more: Mapping[str, str] = MappingProxyType({})
) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """`genebank serve` on a port of its own, without a worker, with `more` variables.

    Yields it and its URL.
    """
    env = {
        "GENEBANK_LOG_LEVEL": "error",
        "GENEBANK_EMBEDDED_WORKER": "false",
        "GENEBANK_HUB_URL": NO_HUB,
        **more,
    }
    process = start(PROGRAM, "serve", "--port", "0", "--data-dir", data_dir, env=env)
    try:
        assert process.stderr is not None
        said = [process.stderr.readline() for _ in range(4)]
        found = re.search(r"listens on (http://\S+)", said[0])
        assert found, "".join(said) + process.stderr.read()
        assert f"{found[1]}/docs" in said[1]
        assert str(data_dir) in said[2]
        yield process, found[1]
    finally:
        process.kill()
        process.communicate()


@contextmanager
def stranger() -> Iterator[str]:
    """The URL of a server that answers everything with an empty object."""
    process = start(PYTHON, "-c", _STRANGER)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.communicate()
