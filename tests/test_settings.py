"""Settings come from GENEBANK_* variables, and from nowhere else."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import make_url

from app.settings import Settings


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GENEBANK_")]:  # noqa: TID251
        monkeypatch.delenv(name)


def test_the_defaults_serve_one_person_on_one_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    settings = Settings()
    assert settings.data_dir == Path("/home/somebody/.local/share/genebank")
    assert (settings.host, settings.port, settings.allow_remote) == ("127.0.0.1", 8321, False)
    assert settings.embedded_worker
    assert settings.local_roots == ()
    assert not settings.unconfined


def test_every_setting_has_a_variable_and_says_what_it_is_for() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name


def test_the_page_lists_every_setting() -> None:
    page = (Path(__file__).parents[1] / "docs" / "settings.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        assert any(
            line.startswith(f"| `GENEBANK_{name.upper()}` |") and str(field.description) in line
            for line in page.splitlines()
        ), name


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("data_dir", "/srv/genebank", Path("/srv/genebank")),
        ("local_roots", "", ()),
        ("local_roots", "/a", (Path("/a"),)),
        ("local_roots", "/a::/b c:", (Path("/a"), Path("/b c"))),
        ("port", "0", 0),
        ("embedded_worker", "false", False),
        ("slots", "4", 4),
        ("metrics_port", "", None),
        ("metrics_port", "9464", 9464),
        ("lease_s", "2.5", 2.5),
        ("log_level", "debug", "debug"),
        ("database_url", "postgresql://me@host/name", "postgresql://me@host/name"),
    ],
)
def test_a_variable_sets_it(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: object
) -> None:
    monkeypatch.setenv(f"GENEBANK_{name.upper()}", text)
    assert getattr(Settings(), name) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("port", "65536"),
        ("port", "-1"),
        ("port", "http"),
        ("slots", "0"),
        ("slots", "65"),
        ("threads", "-1"),
        ("lease_s", "0"),
        ("job_timeout_s", "-5"),
        ("job_memory_mb", "0"),
        ("max_weight_bytes", "0"),
        ("log_level", "loud"),
        ("log_level", "information"),
        ("embedded_worker", "perhaps"),
    ],
)
def test_nonsense_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    monkeypatch.setenv(f"GENEBANK_{name.upper()}", text)
    with pytest.raises(ValidationError, match=name):
        Settings()


def test_an_unknown_setting_is_refused_in_code() -> None:
    with pytest.raises(ValidationError, match="prot"):
        Settings(prot=1)  # type: ignore[call-arg]


def test_the_database_is_in_the_data_folder_unless_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    embedded = make_url(Settings(data_dir=Path("here")).resolved_database_url)
    assert embedded.get_backend_name() == "sqlite"
    assert embedded.database == str(tmp_path / "here" / "genebank.db")
    named = Settings(data_dir=tmp_path, database_url="postgresql://host/name")
    assert named.resolved_database_url == "postgresql://host/name"


def test_secrets_are_known_as_they_are_and_as_urls_spell_them() -> None:
    settings = Settings(
        hub_token="hf_canary",  # type: ignore[arg-type]  # noqa: S106
        secret_key="new, old",  # type: ignore[arg-type]  # noqa: S106
        broker_url="redis://:a%2Fb@host/0",  # type: ignore[arg-type]
        database_url="postgresql://me:dbpass@host/name",
    )
    assert set(settings.secrets) == {"hf_canary", "new", "old", "a%2Fb", "a/b", "dbpass"}
    assert Settings(database_url="postgresql://[::1").secrets == []
