"""Real models behind a real API answer as their weights do."""

from dataclasses import replace

import pytest

from app.errors import ModelError
from app.records import EndpointKind
from tests.workers.endpoints.conftest import KEY, Served, answers, passages, record, respondent
from workers import frames
from workers.assignment import Questions
from workers.llms.role import Decoding
from workers.llms.transformers_llm import load

MODELS = ("aster-base", "llama", "gpt2")
SCORED = 4
PASSAGES = (
    "river stone paper cloud seven quiet market",
    "the the the the the the the",
    "yellow a window riverstone undertimbered dust s",
)
PROMPTS = ("river stone paper", "Name two rivers.", "a")


def responses(served: Served, model: str, one: Questions, **settings: object) -> list[object]:
    kind: EndpointKind = settings.pop("kind", "completions")  # type: ignore[assignment]
    endpoint = replace(record(served.url, **settings), kind=kind)
    found = respondent(endpoint, model, KEY).ask([one])
    batches = [frame for frame in found if isinstance(frame, frames.Batch)]
    assert all(batch.usage["prompt_tokens"] > 0 for batch in batches)
    return [one.responses[0] for one in sorted(batches, key=lambda batch: batch.batch)]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("likelihoods", ["echo", "prompt_logprobs"])
def test_word_scores_are_those_of_the_weights(served: Served, model: str, likelihoods: str) -> None:
    weights = load(served.folders[model], "causal", threads=1)
    expected = [weights.score([text], scored_words=SCORED)[0] for text in PASSAGES]
    asked = passages(*PASSAGES, scored_words=SCORED)
    found = responses(served, model, asked, likelihoods=likelihoods)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours == pytest.approx(theirs, abs=1e-4)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("kind", ["chat", "completions"])
def test_answers_are_those_of_the_weights(served: Served, model: str, kind: str) -> None:
    weights = load(served.folders[model], "causal", threads=1)
    decoding = Decoding(max_new_tokens=16, chat=kind == "chat")
    expected = [weights.answer([prompt], decoding, [0])[0] for prompt in PROMPTS]
    assert responses(served, model, answers(*PROMPTS), kind=kind) == expected


@pytest.mark.parametrize(
    ("model", "key", "code"),
    [("gpt3", KEY, "no_such_endpoint_model"), ("gpt2", "sk-guess", "endpoint_refused_key")],
)
def test_a_server_may_refuse(served: Served, model: str, key: str, code: str) -> None:
    with pytest.raises(ModelError) as raised:
        list(respondent(record(served.url), model, key).ask([answers("a")]))
    assert raised.value.code == code
