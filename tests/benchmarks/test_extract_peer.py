"""Ratios to llm-dna, which only a benchmark fetches: here a stand-in answers in its place."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.extract_peer import EFFORTS, paper_seconds, ratios, seconds_for
from benchmarks.llamas import NURSERY
from benchmarks.peer_runs import Compared, Effort, Pair, sample
from benchmarks.sides import Reply

EFFORT = Effort((NURSERY,), 2, 6, 3, 8, 1, 512)
positive = st.floats(0.01, 100)


def reply(responses: Sequence[str], **seconds: float) -> Reply:
    return {
        "seconds": {phase: {"wall_s": wall, "cpu_s": wall} for phase, wall in seconds.items()},
        "responses": list(responses),
        "dtype": "float32",
        "threads": 2,
        "environment": {"device": "cpu"},
    }


def compared(ours_s: float, theirs_s: float, scoring_s: float = 1.0) -> Compared:
    """Ours takes `ours_s` for 6 answers and `ours_s` for the rest, theirs `theirs_s` for 3."""
    answers = [f"answer {number} " for number in range(EFFORT.prompts)]
    pairs = [
        Pair(
            reply(answers, check=ours_s / 2, load=ours_s / 2, respond=ours_s),
            reply([], load=scoring_s),
            reply(
                [answer.strip() for answer in sample(answers, number, EFFORT)],
                load=1,
                respond=theirs_s,
                load_encoder=1,
                encode=1,
            ),
        )
        for number in range(EFFORT.pairs)
    ]
    long = reply(["long"], load=1, respond=theirs_s)
    return Compared(NURSERY, EFFORT, pairs, long, reply(["own"], respond=theirs_s))


@given(positive, positive, positive)
def test_ratios_are_of_the_same_work(ours_s, theirs_s, scoring_s):
    found = {figure.bench: figure for figure in ratios(compared(ours_s, theirs_s, scoring_s))}
    values = {bench.removeprefix("extract."): figure.value for bench, figure in found.items()}
    all_answers_s = 2 * theirs_s  # they were asked half of the prompts
    paper_s = 1 + 600 * 2 * theirs_s  # an answer of half the length took `theirs_s`
    assert values == pytest.approx(
        {
            "generate_ratio": all_answers_s / ours_s,
            "end_to_end_ratio": (3 + all_answers_s) / (2 * ours_s),
            "lexical_vs_paper_ratio": paper_s / (2 * ours_s),
            "likelihood_vs_paper_ratio": paper_s / scoring_s,
        }
    )


def test_facts_say_what_was_asked_and_whether_both_did_the_same():
    facts = next(ratios(compared(1.0, 2.0))).measured_on
    assert (facts["prompts"], facts["their_prompts"], facts["new_tokens"]) == (6, 3, 8)
    assert facts["same_answers"] == 1
    assert len(facts["ratios"]) == EFFORT.pairs
    assert facts["wanted_at_least"] == 8


@given(st.integers(1, 500), positive)
def test_their_seconds_are_in_proportion_to_prompts(prompts, seconds):
    once = reply(["a", "b"], respond=seconds)
    assert seconds_for(once, 2) == pytest.approx(seconds)
    assert seconds_for(once, 2 * prompts) == pytest.approx(prompts * seconds)


def test_the_paper_s_work_needs_no_guess_where_answers_were_as_long():
    whole = compared(1.0, 2.0)
    effort = EFFORTS["small"]
    asked = Compared(whole.llama, effort, whole.pairs, whole.long, whole.as_it_comes)
    assert paper_seconds(asked) == 1 + 600 * 2.0


@pytest.mark.parametrize("size", ["small", "large"])
def test_every_pair_has_prompts_of_its_own(size):
    effort = EFFORTS[size]
    prompts = [str(number) for number in range(effort.prompts)]
    samples = [sample(prompts, number, effort) for number in range(effort.pairs)]
    assert {len(one) for one in samples} == {effort.sampled}
    assert len({prompt for one in samples for prompt in one}) == effort.pairs * effort.sampled
