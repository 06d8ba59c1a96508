"""`genebank db backup`, `restore` and `prune`."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_backup_then_restore_elsewhere(
    run: Run, filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "backup"
    made = run("db", "backup", file)
    assert made.exit_code == 0, made.output
    assert "secret.key" in made.stderr
    assert run("db", "backup", file).exit_code == 2, "never over a file that is there"
    refused = run("db", "restore", file)
    assert refused.exit_code == 2
    assert "not empty" in refused.stderr
    monkeypatch.setenv("GENEBANK_DATA_DIR", str(tmp_path / "anew"))
    restored = run("db", "restore", file)
    assert restored.exit_code == 0, restored.output
    assert "genebank fsck" in restored.stderr
    assert run("fsck").exit_code == 0
    assert run("relatives", "acme/wolf").exit_code == 0
    assert filled != tmp_path


@pytest.mark.usefixtures("filled")
def test_a_configured_secret_is_what_one_is_reminded_of(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENEBANK_SECRET_KEY", "canary-secret")
    made = run("db", "backup", tmp_path / "backup")
    assert "GENEBANK_SECRET_KEY" in made.stderr
    assert "canary" not in made.output + made.stderr


def test_prune_counts_first(
    run: Run, filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("db", "backup", tmp_path / "backup")
    monkeypatch.setenv("GENEBANK_DATA_DIR", str(tmp_path / "anew"))
    run("db", "restore", tmp_path / "backup")
    assert run("db", "prune").exit_code == 2, "kept for ever by default"
    monkeypatch.setenv("GENEBANK_KEEP_RESPONSES_DAYS", "3650")
    assert run("db", "prune").stdout.startswith("0 entries")
    counted = run("db", "prune", "--days", "0")
    assert counted.exit_code == 0
    assert "--yes" in counted.stderr
    assert counted.stdout == run("db", "prune", "--days", "0").stdout, "nothing was changed"
    done = run("db", "prune", "--days", "0", "--yes")
    assert "entries were emptied" in done.stdout
    assert run("db", "prune", "--days", "0").stdout.startswith("0 entries")
    assert run("fsck").exit_code == 0
    assert filled != tmp_path


def test_only_a_quarantine_can_be_lifted(run: Run, data_dir: Path) -> None:
    run("db", "upgrade")
    result = run("db", "release", "job_x")
    assert (result.exit_code, data_dir.exists()) == (2, True)
    assert "job_x" in result.stderr
