"""No key or password is in what a real service logs, however much goes wrong; each line is JSON."""

import base64
import json
import signal
from pathlib import Path

import httpx2
import pytest

from app.cli.listening import listen
from tests.cli import processes
from tests.cli.conftest import Run
from tests.registering import NO_HUB

SECRETS = {
    "GENEBANK_BROKER_URL": "redis://:canary%2Fbroker@127.0.0.1:1/0",
    "GENEBANK_HUB_TOKEN": "hf_canarycanarycanary",
    "GENEBANK_SECRET_KEY": base64.urlsafe_b64encode(b"canary" * 5 + b"xx").decode(),
}
WORDS = ("canary", SECRETS["GENEBANK_SECRET_KEY"])


def test_a_service_in_trouble_tells_no_secret(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "config.json").write_text("{}")
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
    env = SECRETS | {
        "GENEBANK_DATA_DIR": str(tmp_path / "data"),
        "GENEBANK_LOCAL_ROOTS": str(tmp_path),
        "GENEBANK_LOG_LEVEL": "debug",
        "GENEBANK_HUB_URL": NO_HUB,
    }
    process = processes.start(processes.PROGRAM, "serve", "--port", port, env=env)
    try:
        assert process.stderr is not None
        said = [process.stderr.readline() for _ in range(4)]
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            keyed = {"Authorization": "Bearer hf_canarycanarycanary"}
            accepted = client.post("/v1/models", json={"model": f"local:{model}"})
            assert accepted.status_code == 202
            client.get("/v1/models/canary", headers=keyed)
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()
    lines = [json.loads(line) for line in rest.splitlines()]
    assert not any(word in "".join(said) + rest for word in WORDS)
    [handed_in] = [line for line in lines if line["event"] == "model handed in"]
    assert handed_in["job"] == accepted.json()["job"]["id"]
    assert handed_in["request_id"] == accepted.headers["x-request-id"]
    assert any(line["event"] == "nobody was rung" for line in lines), "the broker is away"
    assert all("request_id" in line for line in lines if line["event"] == "request")


def test_doctor_tells_no_secret(run: Run, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GENEBANK_DATABASE_URL", "postgresql://me:canary@127.0.0.1:1/none")
    result = run("doctor", "--json")
    assert result.exit_code == 1
    assert not any(word in result.output for word in WORDS)
    assert not data_dir.exists()
