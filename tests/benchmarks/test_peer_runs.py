"""Our engine and a stand-in for llm-dna, which only a benchmark fetches, in turn."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.dna.protocol import lexical_v1
from app.errors import SetupError
from benchmarks.llamas import NURSERY
from benchmarks.peer_runs import Effort, measured
from benchmarks.sides import Side, running

EFFORT = Effort((NURSERY,), 2, 6, 2, 3, 1, 5)


@pytest.fixture(scope="module")
def ours() -> Iterator[Side]:
    with running("benchmarks.side_genebank") as side:
        yield side


@pytest.fixture(scope="module")
def theirs() -> Iterator[Side]:
    with running("tests.benchmarks.standin_llm_dna") as side:
        yield side


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Llamas are kept under the working directory."""
    monkeypatch.chdir(tmp_path)


def test_both_are_asked_the_same_prompts_and_ours_all_of_them(ours: Side, theirs: Side):
    found = measured(NURSERY, EFFORT, ours, theirs, Path("encoder"))
    prompts = lexical_v1().probe_set.probes
    assert [pair.theirs["responses"] for pair in found.pairs] == [
        [prompts[0], prompts[2]],
        [prompts[1], prompts[3]],
    ]
    for pair in found.pairs:
        assert len(pair.answering["responses"]) == EFFORT.prompts
        assert len(pair.scoring["responses"]) == 100
        assert pair.answering["seconds"].keys() == {"check", "load", "respond", "encode"}
        assert pair.theirs["asked"]["max_new_tokens"] == EFFORT.tokens
        assert pair.theirs["asked"]["n_encoded"] == EFFORT.prompts
    assert found.long["asked"]["max_new_tokens"] == EFFORT.long_tokens
    assert found.as_it_comes["asked"]["dtype"] == ""


def test_answers_that_it_could_not_give_are_no_figure(ours: Side, theirs: Side):
    with pytest.raises(SetupError, match="could not answer every prompt") as error:
        measured(NURSERY, EFFORT, ours, theirs, Path("silent"))
    assert error.value.code == "side_failed"
