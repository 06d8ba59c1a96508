"""Dockerfile and .dockerignore, read: no engine builds them here."""

import re
import subprocess
import sys
from pathlib import Path

from tests.deployment.files import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def stages() -> dict[str, str]:
    parts = re.split(r"(?m)^FROM ", DOCKERFILE)[1:]
    return {part.splitlines()[0].split(" AS ")[1]: part for part in parts}


def test_a_linter_finds_nothing() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(
        [linter, ROOT / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_api_has_no_torch_and_nobody_is_root() -> None:
    built = stages()
    assert built["built-api"].startswith("libraries ")
    assert built["built-worker"].startswith("torch ")
    assert "extract" not in built["libraries"]
    assert "torch" not in built["libraries"]
    for name in ("api", "worker"):
        assert built[name].startswith("run ")
        assert f"--from=built-{name} " in built[name]
        assert "HEALTHCHECK" in built[name]
    assert re.search(r"(?m)^USER 10001:10001$", built["run"])
    assert "USER" not in built["api"] + built["worker"]


def test_everything_is_installed_as_it_is_locked() -> None:
    for line in re.findall(r"pip install[^&\n]*", DOCKERFILE):
        assert "--constraint requirements.lock" in line or "--no-deps" in line, line


def test_only_what_is_needed_is_sent_to_the_builder() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    sent = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    copied = {
        word
        for line in re.findall(r"(?m)^COPY (?!--from)(.*)$", DOCKERFILE)
        for word in line.split()[:-1]
    }
    assert sent == copied
    assert all((ROOT / name).exists() for name in sent)
    packages = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for package in ("app", "workers", "migrations", "nursery"):
        assert f'"{package}*"' in packages
        assert package in copied
