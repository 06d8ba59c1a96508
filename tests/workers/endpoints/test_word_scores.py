"""Scores of words from replies: complete, or refused."""

import json
from typing import Any

import pytest

from app.errors import ModelError
from app.records import Likelihoods
from workers.endpoints.replies import read
from workers.endpoints.word_scores import word_scores

TOKENS = ["<s>", "one", " two", " th", "ree", " more"]
VALUES = [None, -1.0, -2.0, -4.0, -8.0, -16.0]


def echo(tokens: list[str], values: list[float | None]) -> dict[str, Any]:
    return {"logprobs": {"tokens": tokens, "token_logprobs": values}}


def prompt(tokens: list[str], values: list[float | None]) -> dict[str, Any]:
    return {
        "prompt_logprobs": [
            None if value is None else {"7": {"logprob": value, "decoded_token": token}}
            for token, value in zip(tokens, values, strict=True)
        ]
    }


def scores(choice: dict[str, Any], likelihoods: Likelihoods) -> list[float]:
    reply = read(json.dumps({"choices": [{"text": "", **choice}]}).encode())
    return word_scores("one two three", reply.scored(likelihoods), 2)


def test_tokens_of_a_word_are_summed() -> None:
    assert scores(echo(TOKENS, VALUES), "echo") == [-2.0, -12.0]
    assert scores(prompt(TOKENS, VALUES), "prompt_logprobs") == [-2.0, -12.0]


def test_the_prompts_own_token_comes_before_likelier_ones() -> None:
    choice = prompt(TOKENS, VALUES)
    choice["prompt_logprobs"][2]["8"] = {"logprob": -0.1, "decoded_token": " too"}
    assert scores(choice, "prompt_logprobs") == [-2.0, -12.0]


@pytest.mark.parametrize(
    ("choice", "likelihoods", "code"),
    [
        ({"text": "one"}, "echo", "no_likelihoods"),
        ({"text": "one"}, "prompt_logprobs", "no_likelihoods"),
        (prompt(TOKENS, VALUES), "echo", "no_likelihoods"),
        (echo(TOKENS, [None, -1.0, None, -4.0, -8.0, -16.0]), "echo", "no_likelihoods"),
        (echo(TOKENS, VALUES[1:]), "echo", "bad_endpoint_answer"),
        (echo([], []), "echo", "tokens_unlike_text"),
        (echo(TOKENS[:3], VALUES[:3]), "echo", "tokens_unlike_text"),
        (prompt(TOKENS[::-1], VALUES), "prompt_logprobs", "tokens_unlike_text"),
    ],
)
def test_a_word_without_a_score_is_no_certain_word(
    choice: dict[str, Any], likelihoods: Likelihoods, code: str
) -> None:
    with pytest.raises(ModelError) as raised:
        scores(choice, likelihoods)
    assert raised.value.code == code
