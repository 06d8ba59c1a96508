"""The OpenAPI document is true: schemathesis finds no request that is answered otherwise."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.store import jobs, models, protocols
from app.store.database import Database
from tests.synthetic import fill

# So many random requests for an operation; the coverage phase makes about 600 by itself.
EXAMPLES = 4
# Where the databases differ, in the text that they take, test_texts.py has been already.
PHASES = {"sqlite": "examples,coverage,fuzzing,stateful", "postgresql": "fuzzing"}
KNOWN = {"model": "founder", "a": "founder", "b": "child", "protocol": "likelihood-v1"}


@pytest.fixture
def described(server: str, database: Database, tmp_path: Path) -> str:
    """A server of some models, and a job that has ended."""
    fill(database, tmp_path)
    with database.write() as session:
        model = models.find(session, "founder")
        job, _ = jobs.submit(session, "extract", model.id, list(protocols.names(session)))
        jobs.cancel(session, job.id)
    return f"{server}/openapi.json"


def schemathesis(*arguments: str, folder: Path) -> str:
    command = [sys.executable, "-m", "schemathesis.cli", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    return done.stdout


def test_every_answer_is_as_described(described: str, database: Database, tmp_path: Path) -> None:
    phases = PHASES["sqlite" if database.is_sqlite else "postgresql"]
    schemathesis(
        "run",
        described,
        "--checks=all",
        f"--phases={phases}",
        # Its body is lines, of which no schema says anything: see test_imports.py.
        "--exclude-path=/v1/imports",
        # Its jobs wait for a worker, and whoever waits for one of them waits for nothing: below.
        "--exclude-path=/v1/trees",
        f"--max-examples={EXAMPLES}",
        folder=tmp_path,
    )


def test_asking_for_a_tree_is_answered_as_described(described: str, tmp_path: Path) -> None:
    schemathesis(
        "run",
        described,
        "--checks=all",
        "--phases=coverage,fuzzing",
        "--include-path=/v1/trees",
        f"--max-examples={EXAMPLES}",
        folder=tmp_path,
    )


def test_what_is_asked_of_known_models_is_answered_as_described(
    described: str, tmp_path: Path
) -> None:
    values = "\n".join(f"{json.dumps(f'query.{k}')} = {json.dumps(v)}" for k, v in KNOWN.items())
    (tmp_path / "known.toml").write_text(f"[parameters]\n{values}\n")
    said = schemathesis(
        "--config-file=known.toml",
        "run",
        described,
        "--checks=all",
        "--phases=fuzzing",
        "--include-path-regex=^/v1/(relatives|ancestors|descendants|dna|compare|evidence)$",
        f"--max-examples={EXAMPLES}",
        folder=tmp_path,
    )
    assert "GET /v1/" not in said  # it warns of operations that never found anything
