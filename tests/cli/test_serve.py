"""The installed program serves, and ends as it should."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from app.cli.listening import listen
from tests.cli import processes
from tests.cli.conftest import Run


def test_it_serves_where_it_says_and_ends_quietly(tmp_path: Path) -> None:
    with processes.service(tmp_path) as (process, url):
        assert httpx2.get(f"{url}/readyz", trust_env=False).json()["status"] == "ready"
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=20)
    assert (process.returncode, out, errors) == (130, "", "")


def test_it_ends_within_seconds_while_somebody_holds_a_connection(tmp_path: Path) -> None:
    with (
        processes.service(tmp_path) as (process, url),
        httpx2.Client(base_url=url, trust_env=False) as client,
    ):
        assert client.get("/healthz").json() == {"status": "ok"}
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
    assert process.returncode == -signal.SIGTERM


def test_requests_that_wait_are_cut_off_after_their_grace(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "config.json").write_text("{}")
    more = {"GENEBANK_GRACE_S": "1", "GENEBANK_LOCAL_ROOTS": str(tmp_path)}
    with (
        processes.service(tmp_path / "data", more) as (process, url),
        httpx2.Client(base_url=url, trust_env=False, timeout=60) as client,
        ThreadPoolExecutor(1) as beside,
    ):
        accepted = client.post("/v1/models", json={"model": f"local:{model}"})
        assert accepted.status_code == 202
        job = accepted.headers["location"]
        waiting = beside.submit(httpx2.get, f"{url}{job}?wait=30", timeout=60, trust_env=False)
        until = time.monotonic() + 10
        while "in_flight 2.0" not in client.get("/metrics").text:
            assert time.monotonic() < until
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=15)  # nobody works on the job: it would wait for 30 seconds
        answer = waiting.result()
        assert (answer.status_code, answer.json()["code"]) == (503, "shutting_down")
        assert answer.headers["retry-after"] == "5"
    assert process.returncode == -signal.SIGTERM


def test_a_port_that_is_taken(run: Run, data_dir: Path) -> None:
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        result = run("serve", "--port", port)
    assert result.exit_code == 2
    assert str(port) in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not data_dir.exists()


@pytest.mark.usefixtures("data_dir")
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])  # noqa: S104
def test_others_are_not_let_in_by_accident(run: Run, host: str) -> None:
    result = run("serve", "--host", host, "--port", "0")
    assert result.exit_code == 2
    assert "GENEBANK_ALLOW_REMOTE" in result.stderr


def test_an_app_that_refuses_to_start_says_why(
    run: Run, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir.write_text("no folder")
    monkeypatch.setenv("GENEBANK_DATABASE_URL", f"sqlite:///{data_dir}/genebank.db")
    result = run("serve", "--port", "0")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")
    assert "Traceback" not in result.stderr
    assert "listens" not in result.stderr


def test_options_stand_above_the_environment(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENEBANK_HOST", "0.0.0.0")  # noqa: S104
    monkeypatch.setenv("GENEBANK_PORT", "many")
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        result = run("serve", "--host", "127.0.0.1", "--port", port, "--data-dir", tmp_path)
    assert "Cannot listen on 127.0.0.1" in result.stderr
