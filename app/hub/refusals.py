"""What a hub's refusal means: its statuses and its error codes become our errors.

The hub says 401 of what does not exist as it does of what is private, unless it knows the token.
Read here and not by huggingface_hub, which stumbles over error pages that are not UTF-8 and calls
every 401 a missing repository.
"""

from collections.abc import Mapping

from huggingface_hub.utils import parse_ratelimit_headers  # type: ignore[attr-defined]

from app.errors import GenebankError, ModelError, NotFoundError, SetupError
from app.hub.listing import bad_hub_answer, disabled
from app.hub.patience import TemporaryError
from app.retry_after import retry_after_s

_TEMPORARY = frozenset({408, 425, 429})
_NOT_FOUND = frozenset({401, 404, 410})
_DISABLED = "Access to this resource is disabled."


def read_refusal(
    status: int, headers: Mapping[str, str], name: str, with_token: bool
) -> GenebankError | TemporaryError:
    """Return what to raise for a status of 400 or more about one repository."""
    if status in _TEMPORARY or status >= 500:
        return TemporaryError(f"It answers with status {status}", pause_asked(headers))
    code = headers.get("X-Error-Code")
    if code == "GatedRepo":
        return gated(name)
    if code in ("RevisionNotFound", "EntryNotFound"):
        return NotFoundError("no_such_revision", f"{name} has no such revision on the hub.")
    if headers.get("X-Error-Message") == _DISABLED:
        return disabled()
    if status == 401 and with_token and code != "RepoNotFound":
        return _refused_token()
    return _by_status(status, name)


def gated(name: str) -> ModelError:
    """Return the error for a repository whose owner has not let us in."""
    return ModelError(
        "gated",
        f"The hub does not let this service read {name}; accept its conditions there, and set"
        " HF_TOKEN to a token of the account that did.",
    )


def checked_token(token: str) -> str:
    """Return a token that a header can hold; SetupError `hub_refused_token`."""
    if not token.isascii() or not token.isprintable() or " " in token:
        raise _refused_token()
    return token


def pause_asked(headers: Mapping[str, str]) -> float:
    """Seconds that the hub asks to wait, 0 where it does not say."""
    limit = parse_ratelimit_headers(headers)
    if limit is not None and limit.remaining == 0:
        return float(limit.reset_in_seconds)
    return retry_after_s(headers.get("Retry-After", ""))


def _refused_token() -> SetupError:
    return SetupError(
        "hub_refused_token",
        "The hub does not know the token that it was given; set HF_TOKEN to one that is valid, or"
        " unset it.",
    )


def _by_status(status: int, name: str) -> GenebankError:
    if status in _NOT_FOUND:
        return NotFoundError(
            "no_such_hub_model",
            f"The hub shows no model {name}; correct the name, or set HF_TOKEN if it is private.",
        )
    if status == 403:
        return gated(name)
    return bad_hub_answer(f"It answers with status {status}")
