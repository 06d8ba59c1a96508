"""What may go wrong at an API, as errors: what passes is tried again, what does not ends the job.

What an API says of its faults is shown to people, so it is cut, and a key in it struck out.
"""

from collections.abc import Mapping

from pydantic import BaseModel, ValidationError

from app.errors import GenebankError, ModelError, SetupError
from app.retry_after import retry_after_s

LONGEST_REASON = 300
REQUEST_TIMEOUT, TOO_EARLY, TOO_MANY = 408, 425, 429
PAYMENT_REQUIRED = 402
OUT_OF_FUNDS = frozenset({"insufficient_quota", "billing_hard_limit_reached"})


class PassingError(Exception):
    """A fault that may be gone in a moment; `verdict` is what to raise when it is not."""

    def __init__(self, verdict: GenebankError, retry_after_s: float = 0.0) -> None:
        super().__init__(str(verdict))
        self.verdict = verdict
        self.retry_after_s = retry_after_s


class _Reason(BaseModel):
    message: str = ""
    type: str | None = None
    code: str | int | None = None


class _Problem(BaseModel):
    error: _Reason


def unavailable(why: str) -> SetupError:
    """The API cannot be used now: the job is given back."""
    return SetupError("endpoint_unavailable", f"The endpoint cannot be asked now: {why}.")


def malformed(why: str) -> ModelError:
    """The API answered, but not as its kind does."""
    return ModelError(
        "bad_endpoint_answer", f"The endpoint answers otherwise than an API of its kind: {why}."
    )


def fault(
    status: int, headers: Mapping[str, str], body: bytes, key: str | None
) -> GenebankError | PassingError:
    """Return the error that an answer with a status other than 200 stands for."""
    reason = _reason(body)
    said = _shown(reason.message, key) or f"status {status}"
    if status == PAYMENT_REQUIRED or {reason.type, reason.code} & OUT_OF_FUNDS:
        return unavailable(f"its account has no funds left ({said})")
    if status in (REQUEST_TIMEOUT, TOO_EARLY, TOO_MANY) or status >= 500:
        return PassingError(unavailable(said), retry_after_s(headers.get("retry-after", "")))
    if status in (401, 403):
        return ModelError(
            "endpoint_refused_key",
            f"The endpoint refuses its key for this model (status {status}): "
            "remove the endpoint and add it with a key that may use the model.",
        )
    if status == 404 or reason.code == "model_not_found":
        return ModelError(
            "no_such_endpoint_model",
            f"The endpoint knows no such model ({said}): see its list of models and its URL.",
        )
    if 300 <= status < 400:
        return ModelError(
            "endpoint_redirects",
            "The endpoint sends us elsewhere, where its key must not go: "
            "register the address that it really has.",
        )
    return ModelError("endpoint_refused", f"The endpoint refuses the request: {said}.")


def _reason(body: bytes) -> _Reason:
    try:
        return _Problem.model_validate_json(body).error
    except ValidationError:
        return _Reason()


def _shown(text: str, key: str | None) -> str:
    if key:
        text = text.replace(key, "***")
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line[:LONGEST_REASON].rstrip(".")
