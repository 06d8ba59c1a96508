"""`genebank evidence`: what people see of a pair, in a pipe and on a terminal."""

import json
import os
import pty
import re
import subprocess
from pathlib import Path

import pytest

from app.cli.answers import CLOSE, OPEN
from app.cli.histograms import AXIS
from app.services.import_file import Method, import_file
from app.store import schema
from app.store.database import Database
from tests.cli import processes
from tests.cli.conftest import Run
from tests.services.files import answers_line, write_lines, write_probes
from tests.synthetic import PROTOCOL

SHARED = "the velvet otter hums at dawn"
ESCAPE = re.compile(r"\x1b\[([0-9;]*)m")


@pytest.fixture
def crowd(data_dir: Path, tmp_path: Path) -> Path:
    """31 models in a reference; two share words in the midst of what drives terminals."""
    lines = [answers_line(f"m{i}", [f"word{i} word{i % 5} word{i % 7}"] * 3) for i in range(29)]
    for name, filler in (("kin/a", "More. "), ("kin/b", "And yet, ")):
        hostile = f"[bold]{filler}\x1b[2J{filler} {SHARED} \u202e{filler}\x07[/nothing]"
        lines.append(answers_line(name, [f"{filler * 80}{hostile}", hostile, ""]))
    database = Database(f"sqlite:///{data_dir / 'genebank.db'}")
    schema.upgrade(database)
    file = write_lines(tmp_path / "answers.jsonl", lines)
    import_file(database, file, Method(write_probes(tmp_path / "probes.json")), lambda *_: None)
    database.close()
    return data_dir


def on_a_terminal(*words: str) -> str:
    """What the program writes to a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [processes.PROGRAM, *words], stdout=theirs, stderr=subprocess.DEVNULL
    ) as process:
        os.close(theirs)
        written = b""
        while True:
            try:
                piece = os.read(ours, 1 << 16)
            except OSError:  # the program has ended
                break
            if not piece:
                break
            written += piece
        os.close(ours)
    assert process.returncode == 0, written.decode()
    return written.decode().replace("\r\n", "\n")


def test_a_pair_is_shown_with_its_probes_and_answers(run: Run, crowd: Path) -> None:
    result = run("evidence", "kin/a", "kin/b", "--probes", "2")
    assert result.exit_code == 0, result.stderr
    out = result.stdout
    assert "kin/a and kin/b under mine\n" in out
    assert "reference 1" in out
    assert "A: import:kin/a@" in out
    assert AXIS in out
    assert "Most for, of 3 probes" in out
    assert "Most against, of 3 probes" in out
    assert "mine 0" in out
    assert out.count(f"{OPEN}{SHARED}{CLOSE}") == out.count(OPEN) == 4
    assert " … " in out
    assert "Phrases are marked" in result.stderr


def test_nothing_that_a_model_said_drives_the_terminal(run: Run, crowd: Path) -> None:
    for words in ((), ("--full",), ("--json",)):
        out = run("evidence", "kin/a", "kin/b", *words).stdout
        assert all(char.isprintable() or char == "\n" for char in out)
    out = run("evidence", "kin/a", "kin/b", "--full").stdout
    assert "[bold]More. \\x1b[2JMore. " in out
    assert "\\u202eMore. \\x07[/nothing]" in out
    assert out.count("More. " * 80) == 1
    assert " … " not in out


@pytest.mark.parametrize("width", [40, 80, 140])
def test_on_a_terminal_answers_stand_side_by_side_and_nothing_is_wider(
    crowd: Path, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(width))
    written = on_a_terminal("evidence", "kin/a", "kin/b", "--full")
    plain = ESCAPE.sub("", written)
    assert "\x1b" not in plain
    lines = plain.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("Probe "))
    assert all(len(line) <= width for line in lines[start:])
    both = [line for line in lines if "A: kin/a" in line and "B: kin/b" in line]
    assert len(both) == (0 if width < 60 else 3)
    assert OPEN not in plain
    styles = ESCAPE.findall(written)
    assert any(set(style.split(";")) == {"1", "4"} for style in styles), "bold and underlined"


def test_passages_are_shown_word_by_word(run: Run, filled: Path) -> None:
    result = run("evidence", "founder", "child", "--probes", "1")
    assert result.exit_code == 0
    assert "founder and child under likelihood-v1\n" in result.stdout
    assert "no reference yet" in result.stdout
    assert AXIS not in result.stdout
    data = json.loads(run("evidence", "founder", "child", "--probes", "1", "--json").stdout)
    [probe] = data["most_for"]
    assert probe["text"] in result.stdout
    for word in probe["words"]:
        assert re.search(
            rf"{probe['text'][slice(*word['span'])]} +{word['a']['log_probability']:.2f}"
            rf" +{word['b']['log_probability']:.2f} ",
            result.stdout,
        )
    assert "less surprised" in result.stderr


def test_json_is_that_of_the_api_wherever_it_runs(run: Run, filled: Path, server_url: str) -> None:
    words = ("evidence", "acme/wolf", "wolf-chat", "--json", "--protocol", PROTOCOL)
    embedded, served = run(*words), run(*words, "--server", server_url)
    assert (embedded.exit_code, embedded.stderr) == (0, "")
    assert json.loads(embedded.stdout) == json.loads(served.stdout)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["founder", "founder"], "name two models"),
        (["founder", "acme/wolf"], "same protocol"),
        (["foundre", "child"], "Did you mean founder"),
        (["founder", "child", "--protocol", PROTOCOL], "no entry under"),
    ],
)
def test_problems_are_said_in_words(run: Run, filled: Path, words: list[str], said: str) -> None:
    result = run("evidence", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
