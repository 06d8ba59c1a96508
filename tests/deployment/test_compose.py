"""docker-compose.yml: what the Compose specification and good sense ask, without an engine."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose
from typer.main import get_command

from app import __version__
from app.cli import app
from app.settings import Settings
from tests.deployment.files import COMPOSE, ENV, ROOT, interpolated, stack

SERVICES = stack()["services"]
OURS = ("migrate", "api", "reconciler", "worker-cpu", "worker-gpu")
each_service = pytest.mark.parametrize("name", SERVICES)


def test_it_follows_the_compose_specification() -> None:
    read = PyCompose.from_yaml(yaml.safe_dump(stack()))
    read.validate()
    assert set(read.service_names()) == {*OURS, "postgres", "redis"}


def test_a_linter_of_security_finds_nothing_grave() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "compose_lint", "--fail-on", "high", str(COMPOSE)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_compose_itself_takes_it_where_it_is_installed(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if (
        docker is None
        or subprocess.run(
            [docker, "compose", "version"], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("docker compose is not installed")
    env = tmp_path / ".env"
    env.write_text("".join(f"{name}={value}\n" for name, value in ENV.items()))
    command = [docker, "compose", "-f", str(COMPOSE), "--env-file", str(env), "config", "--quiet"]
    subprocess.run(command, check=True)


@each_service
def test_every_service_is_bounded_healthy_and_has_no_powers(name: str) -> None:
    service: dict[str, Any] = SERVICES[name]
    assert re.fullmatch(r"[1-9][0-9]*:[1-9][0-9]*", service["user"]), "nobody is root"
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["read_only"] is True
    assert not {"privileged", "network_mode", "pid", "ipc", "cap_add"} & set(service)
    assert {"mem_limit", "cpus", "pids_limit"} <= set(service)
    assert service["logging"]["options"]["max-size"], "logs do not fill the disk"
    if name == "migrate":
        assert service["restart"] == "no"
    else:
        assert {"interval", "timeout", "retries", "test"} <= set(service["healthcheck"])
        assert service["restart"] == "unless-stopped"


@each_service
def test_images_are_pinned(name: str) -> None:
    image, _, tag = SERVICES[name]["image"].rpartition(":")
    assert image
    assert re.match(r"[0-9]+\.[0-9]+", tag), "a version, not latest"
    if name in OURS:
        assert tag == __version__


@each_service
def test_what_is_named_is_there(name: str) -> None:
    service, whole = SERVICES[name], stack()
    for other, asks in service.get("depends_on", {}).items():
        assert other in SERVICES
        if asks["condition"] == "service_healthy":
            assert "test" in SERVICES[other]["healthcheck"]
    for volume in service.get("volumes", ()):
        source = volume.partition(":")[0]
        assert source.startswith("./") or source in whole["volumes"], volume
    assert set(service["networks"]) <= set(whole["networks"])


def test_no_secret_is_in_the_file() -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    for name in ENV:
        assert f"${{{name}:?" in text, "compose refuses to start without it"
    for line in text.splitlines():
        if re.search(r"(?i)(password|secret|token|_key)", line) and ":" in line:
            value = line.partition(":")[2]
            assert not re.search(r"[A-Za-z0-9]{16,}", re.sub(r"\$\{[^}]*\}", "", value)), line


def test_the_example_lists_what_must_be_set_and_sets_no_secret() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    pairs = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert all(pairs[name] == "" for name in ENV)
    used = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE.read_text(encoding="utf-8")))
    assert set(pairs) <= used


def test_only_the_api_is_published_and_on_loopback_alone() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"api": ["127.0.0.1:8321:8321"]}
    assert stack()["networks"]["inside"]["internal"] is True
    for name in ("postgres", "redis"):
        assert SERVICES[name]["networks"] == ["inside"]


@pytest.mark.parametrize("name", OURS)
def test_verbs_and_settings_are_those_of_the_program(name: str) -> None:
    service = SERVICES[name]
    for variable in service["environment"]:
        assert variable.removeprefix("GENEBANK_").lower() in Settings.model_fields, variable
    command = service.get("command", ["serve"])
    verbs: Any = get_command(app)
    verb = verbs.commands[command[0]]
    if hasattr(verb, "commands"):
        assert command[1] in verb.commands
        return
    known = {option for parameter in verb.params for option in parameter.opts}
    assert {word for word in command if word.startswith("--")} <= known


def test_workers_are_given_time_to_give_jobs_back() -> None:
    for name in ("worker-cpu", "worker-gpu"):
        service = SERVICES[name]
        grace = float(service["environment"]["GENEBANK_GRACE_S"])
        assert float(service["stop_grace_period"].removesuffix("s")) > grace + 2
    gpu = SERVICES["worker-gpu"]
    assert gpu["profiles"] == ["gpu"]
    assert gpu["deploy"]["resources"]["reservations"]["devices"][0]["capabilities"] == ["gpu"]


def test_redis_gets_its_password_by_standard_input() -> None:
    [shell, flag, script] = SERVICES["redis"]["command"]
    assert (shell, flag) == ("sh", "-c")
    assert script.endswith("exec redis-server -")
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("no redis-server here")
    settings = subprocess.run(
        ["/bin/sh", "-c", script.replace("exec redis-server -", "cat")],
        env={"REDIS_PASSWORD": "canary", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert settings.splitlines()[:3] == ["requirepass canary", 'save ""', "appendonly no"]


def test_nothing_else_is_interpolated() -> None:
    assert "${" not in interpolated()


def test_make_env_draws_keys_and_overwrites_none(tmp_path: Path) -> None:
    make = shutil.which("make")
    if make is None or shutil.which("openssl") is None:
        pytest.skip("make or openssl is not installed")
    shutil.copy(ROOT / ".env.example", tmp_path)
    command = [make, "-f", str(ROOT / "Makefile"), "env"]
    subprocess.run(command, check=True, cwd=tmp_path)
    file = tmp_path / ".env"
    assert file.stat().st_mode & 0o077 == 0
    drawn = dict(
        line.split("=", 1) for line in file.read_text().splitlines() if not line.startswith("#")
    )
    assert all(re.fullmatch(r"[0-9a-f]{48}", drawn[name]) for name in list(ENV)[:2])
    assert len(drawn["GENEBANK_SECRET_KEY"]) == 44
    assert subprocess.run(command, check=False, cwd=tmp_path, capture_output=True).returncode
