"""What a model card says of its model: licence, base, release. Claims, never facts.

A card that cannot be read makes no claims; it is never an error.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import yaml  # type: ignore[import-untyped]

from app.records import Claim, ClaimKind

SOURCE = "model card"
MAX_FRONT_MATTER = 32 * 1024
MAX_CLAIMS = 16
MAX_CHARS = 200
_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?")
_FIELDS: tuple[tuple[str, ClaimKind], ...] = (
    ("license", "licence"),
    ("license_name", "licence"),
    ("base_model", "declared_base"),
    ("release_date", "released"),
    ("released", "released"),
)
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def read_claims(card: bytes) -> tuple[Claim, ...]:
    """Return at most 16 claims from the front matter of a README.md."""
    data = _front_matter(card)
    claims = dict.fromkeys(
        Claim(kind, value, SOURCE)
        for field, kind in _FIELDS
        for value in _texts(data.get(field))
        if kind != "released" or _DATE.fullmatch(value)
    )
    return tuple(claims)[:MAX_CLAIMS]


def _front_matter(card: bytes) -> dict[Any, Any]:
    text = card[:MAX_FRONT_MATTER].decode("utf-8", "replace")
    found = _FRONT_MATTER.match(text)
    if found is None:
        return {}
    try:
        # BaseLoader leaves every scalar a text (a licence "no" is not False) and does not expand
        # merge keys, which can grow without end.
        data = yaml.BaseLoader(found[1]).get_single_data()
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _texts(value: Any) -> Iterator[str]:
    for item in value[: 2 * MAX_CLAIMS] if isinstance(value, list) else [value]:
        if isinstance(item, str):
            text = _cleaned(item)
            if 1 <= len(text) <= MAX_CHARS:
                yield text


def _cleaned(text: str) -> str:
    kept = "".join(c for c in text if unicodedata.category(c) not in _UNSEEN or c.isspace())
    return " ".join(unicodedata.normalize("NFC", kept).split())
