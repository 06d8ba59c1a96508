"""The hub's answer about one repository, read as data: the listing of its files and its card."""

import json
import re
from collections.abc import Mapping
from typing import Any

from app.errors import InputError, ModelError, SetupError
from app.hub.claims import hub_claims
from app.hub.model import HubFile, HubModel
from app.hub.names import SHA1, check_name
from app.hub.selection import check_weight_bytes, likely_weights, select, weight_bytes

_SHA256 = re.compile(r"[0-9a-f]{64}")


def parse_answer(raw: bytes) -> dict[str, Any]:
    """Return the object that the hub answers with; SetupError `bad_hub_answer`."""
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError):
        raise bad_hub_answer() from None
    if not isinstance(answer, dict):
        raise bad_hub_answer()
    return answer


def read_listing(answer: Mapping[str, Any], max_files: int, max_weight_bytes: int) -> HubModel:
    """Return the model that `GET /api/models/{name}?blobs=true` describes.

    ModelError `disabled`, `too_many_files`, `too_large` or those of `select`; SetupError
    `bad_hub_answer` for anything that a hub does not say.
    """
    if answer.get("disabled"):
        raise disabled()
    listed = answer.get("siblings")
    if not isinstance(listed, list):
        raise bad_hub_answer()
    if len(listed) > max_files:
        raise ModelError(
            "too_many_files",
            f"The repository has more than {max_files:,} files; submit a smaller one.",
        )
    files = select([_file(item) for item in listed])
    n_bytes = weight_bytes(likely_weights(files))
    check_weight_bytes(n_bytes, max_weight_bytes)
    card, created_at = answer.get("cardData"), answer.get("createdAt")
    return HubModel(
        name=_name(answer.get("id")),
        commit=_digest(SHA1, answer.get("sha")),
        files=files,
        claims=hub_claims(
            card if isinstance(card, dict) else {},
            created_at if isinstance(created_at, str) else "",
        ),
        weight_bytes=n_bytes,
    )


def disabled() -> ModelError:
    """Return the error for a repository that the hub has closed."""
    return ModelError(
        "disabled", "The hub has disabled access to this repository; submit another model."
    )


def bad_hub_answer(said: str = "The answer is not that of a hub") -> SetupError:
    """Return the error for an endpoint that does not speak as a hub does."""
    return SetupError(
        "bad_hub_answer", f"{said}; check that HF_ENDPOINT is the address of a hub, or unset it."
    )


def _file(item: Any) -> HubFile:
    if not isinstance(item, dict):
        raise bad_hub_answer()
    path, size, blob_id, lfs = (item.get(key) for key in ("rfilename", "size", "blobId", "lfs"))
    if not isinstance(path, str) or not isinstance(lfs, dict | None):
        raise bad_hub_answer()
    if type(size) is not int or size < 0:
        raise bad_hub_answer()
    sha256 = None if lfs is None else _digest(_SHA256, lfs.get("sha256"))
    return HubFile(path, size, sha256, _digest(SHA1, blob_id))


def _digest(pattern: re.Pattern[str], value: Any) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise bad_hub_answer()
    return value


def _name(value: Any) -> str:
    try:
        return check_name(value if isinstance(value, str) else "")
    except InputError:
        raise bad_hub_answer() from None
