"""`genebank endpoint`: keys go in and never come out."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from app.settings import Settings
from app.store import endpoints
from app.store.database import Database
from tests.cli.conftest import Run

URL = "https://api.example/v1"
KEY = "sk-secret"


def add(*words: object, key: str | None = None) -> Result:
    line = ["endpoint", "add", "acme", "--url", URL, *map(str, words)]
    if key is None:
        return CliRunner().invoke(app, line)
    return CliRunner().invoke(app, [*line, "--key-stdin"], input=key)


@pytest.mark.usefixtures("data_dir")
def test_an_endpoint_is_added_listed_and_removed(run: Run) -> None:
    added = add("--likelihoods", "echo", "--concurrency", 2, key=f"{KEY}\n")
    assert added.exit_code == 0, added.output
    assert "acme is registered." in added.stdout
    listed = run("endpoint", "list")
    assert all(word in listed.stdout for word in ("acme", URL, "chat", "sealed", "echo"))
    [one] = json.loads(run("endpoint", "list", "--json").stdout)["data"]
    assert (one["name"], one["url"], one["has_key"]) == ("acme", URL, True)
    assert one["settings"]["concurrency"] == 2
    assert run("endpoint", "remove", "acme").exit_code == 0
    assert json.loads(run("endpoint", "list", "--json").stdout) == {"data": []}


def test_the_key_is_shown_nowhere(run: Run, data_dir: Path) -> None:
    said = add(key=KEY).output
    said += run("endpoint", "list").output + run("endpoint", "list", "--json").output
    said += add(key=KEY).output  # it is there already
    assert KEY not in said
    stored = b"".join(path.read_bytes() for path in data_dir.iterdir())
    assert KEY.encode() not in stored


@pytest.mark.usefixtures("data_dir")
def test_an_endpoint_may_have_no_key(run: Run) -> None:
    assert add().exit_code == 0
    database = Database(Settings().resolved_database_url)
    with database.read() as session:
        assert endpoints.get(session, "acme").sealed_key is None
    database.close()
    assert "none" in run("endpoint", "list").stdout


@pytest.mark.usefixtures("data_dir")
@pytest.mark.parametrize(
    ("words", "key", "said"),
    [
        ([], "", "no key"),
        ([], "\n", "no key"),
        ([], "two words", "visible ASCII"),
        (["--url", "http://api.example/v1"], KEY, "unencrypted"),
        (["--url", "https://u:p@api.example/v1"], KEY, "--key-stdin"),
    ],
)
def test_what_cannot_be_added_is_an_error_of_one_line(
    words: list[str], key: str, said: str
) -> None:
    result = add(*words, key=key)
    assert result.exit_code == 2
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.usefixtures("data_dir")
def test_a_miss_names_its_neighbours(run: Run) -> None:
    add()
    result = run("endpoint", "remove", "acne")
    assert result.exit_code == 2
    assert "Did you mean acme?" in result.stderr
