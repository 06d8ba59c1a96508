import pytest

from tests.cli import processes
from tests.cli.conftest import Program, Run

VERBS = [
    ["serve"],
    ["fingerprint"],
    ["import"],
    ["relatives"],
    ["compare"],
    ["tree"],
    ["models"],
    ["jobs"],
    ["protocol", "list"],
    ["protocol", "show"],
    ["db", "upgrade"],
    ["db", "check"],
    ["doctor"],
]


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_every_verb_has_help_with_an_example(run: Run, verb: list[str]) -> None:
    result = run(*verb, "--help")
    assert result.exit_code == 0
    assert f"genebank {' '.join(verb)}" in result.stdout.partition("Example")[2]


@pytest.mark.parametrize(
    "verb", [verb for verb in VERBS if verb[0] not in ("serve", "db", "doctor")]
)
def test_verbs_refuse_options_that_they_do_not_know(run: Run, verb: list[str]) -> None:
    assert run(*verb, "--nonsense").exit_code == 2


def test_the_program_says_its_version(program: Program) -> None:
    result = program("--version")
    assert result.returncode == 0
    assert result.stdout.startswith("genebank 0.")


def test_help_loads_nothing_heavy() -> None:
    heavy = "{'numpy', 'sqlalchemy', 'fastapi', 'httpx2', 'uvicorn', 'faiss', 'torch', 'skbio'}"
    code = f"import sys, app.cli; print(sorted({heavy} & set(sys.modules)))"
    assert processes.run(processes.PYTHON, "-c", code).stdout.strip() == "[]"


@pytest.mark.usefixtures("filled")
def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    verb = processes.start(processes.PROGRAM, "models", "--json")
    assert verb.stdout is not None
    assert verb.stderr is not None
    verb.stdout.close()
    assert verb.stderr.read() == ""
    assert verb.wait(30) == 141
    verb.stderr.close()


@pytest.mark.usefixtures("filled")
def test_an_error_that_nobody_foresaw_is_one_line(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A server whose answer is JSON, but not of the kind that is expected.
    with processes.stranger() as url:
        result = program("relatives", "child", "--server", url)
        assert result.returncode == 2
        assert result.stderr.startswith("error: ")
        assert "Traceback" not in result.stderr
        monkeypatch.setenv("GENEBANK_LOG_LEVEL", "debug")
        assert "Traceback" in program("relatives", "child", "--server", url).stderr
