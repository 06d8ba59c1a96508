"""What an API answers, read as hostile data; both kinds of API differ in one field."""

from typing import Self

from pydantic import BaseModel, Field, FiniteFloat, NonNegativeInt, ValidationError, model_validator

from app.errors import ModelError
from app.records import Likelihoods
from workers.endpoints.faults import PassingError, malformed

# The longest tokens of real vocabularies are runs of spaces.
LONGEST_TOKEN = 256
Scored = list[tuple[str, float | None]]


class _Message(BaseModel):
    content: str | None = None


class _Logprobs(BaseModel):
    tokens: list[str]
    token_logprobs: list[FiniteFloat | None]


class _PromptToken(BaseModel):
    logprob: FiniteFloat
    decoded_token: str


class _Choice(BaseModel):
    finish_reason: str | None = None
    message: _Message | None = None
    text: str | None = None
    logprobs: _Logprobs | None = None
    prompt_logprobs: list[dict[str, _PromptToken] | None] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.message is None and self.text is None:
            raise ValueError("neither a message nor a text")
        return self


class Usage(BaseModel):
    """Tokens that were counted for one request."""

    prompt_tokens: NonNegativeInt = 0
    completion_tokens: NonNegativeInt = 0


class Reply(BaseModel):
    """One answer of an API."""

    choices: list[_Choice] = Field(min_length=1)
    model: str = ""
    system_fingerprint: str | None = None
    usage: Usage | None = None

    def answer(self, most_tokens: int) -> str:
        """Return the text; empty where the model said nothing, or only thought, up to its limit.

        Raises ModelError `answer_withheld` or `bad_endpoint_answer`.
        """
        text = self._text
        filtered = self.choices[0].finish_reason == "content_filter"
        if filtered or (text is None and not self.only_thought):
            raise ModelError(
                "answer_withheld",
                "The endpoint withholds the answer to a probe: without all answers there is no "
                "fingerprint.",
            )
        if text is not None and len(text) > most_tokens * LONGEST_TOKEN:
            raise malformed("an answer is longer than it was asked for")
        return text or ""

    @property
    def only_thought(self) -> bool:
        """Whether the limit was reached before the first word of an answer."""
        return self.choices[0].finish_reason == "length" and not self._text

    @property
    def _text(self) -> str | None:
        choice = self.choices[0]
        return choice.text if choice.message is None else choice.message.content

    def scored(self, likelihoods: Likelihoods) -> Scored:
        """Return the tokens of the prompt, and more, with their log-probabilities.

        Raises ModelError `no_likelihoods` where the answer holds none.
        """
        choice = self.choices[0]
        if likelihoods == "echo" and choice.logprobs is not None:
            return _zipped(choice.logprobs)
        if likelihoods == "prompt_logprobs" and choice.prompt_logprobs is not None:
            return [_of_prompt(token) for token in choice.prompt_logprobs]
        raise no_likelihoods()


def read(body: bytes) -> Reply:
    """Read an answer; PassingError with `bad_endpoint_answer`, as gateways sometimes interfere."""
    try:
        return Reply.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        # Not the whole place: deeper parts of it are the API's own words.
        field = first["loc"][0] if first["loc"] else "all of it"
        raise PassingError(malformed(f"{field}: {first['msg']}")) from error


def no_likelihoods() -> ModelError:
    """The error where an API gives no log-probabilities of a prompt."""
    return ModelError(
        "no_likelihoods",
        "The endpoint gives no log-probabilities of a prompt: register it with --likelihoods none, "
        "or ask for protocols of answers only.",
    )


def _zipped(logprobs: _Logprobs) -> Scored:
    if len(logprobs.tokens) != len(logprobs.token_logprobs):
        raise malformed("tokens and their log-probabilities differ in number")
    return list(zip(logprobs.tokens, logprobs.token_logprobs, strict=True))


def _of_prompt(candidates: dict[str, _PromptToken] | None) -> tuple[str, float | None]:
    """The token of the prompt itself, which comes first among those that could have been."""
    if not candidates:
        return "", None
    token = next(iter(candidates.values()))
    return token.decoded_token, token.logprob
