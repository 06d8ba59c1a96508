"""What a model card says of its model: licence, base, release. Claims, never facts.

What cannot be read makes no claim; it is never an error.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from app.records import Claim, ClaimKind, is_date

MAX_CLAIMS = 16
MAX_CHARS = 200
_FIELDS: tuple[tuple[str, ClaimKind], ...] = (
    ("license", "licence"),
    ("license_name", "licence"),
    ("base_model", "declared_base"),
    ("release_date", "released"),
    ("released", "released"),
)
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# The hub kept no dates before this one: whatever is older bears it.
_FIRST_DAY = "2022-03-02"


def card_claims(card: Mapping[Any, Any], source: str) -> tuple[Claim, ...]:
    """Return at most 16 claims from the fields of a model card, a stranger's data."""
    claims = dict.fromkeys(
        Claim(kind, value, source)
        for field, kind in _FIELDS
        for value in _texts(card.get(field))
        if kind != "released" or is_date(value)
    )
    return tuple(claims)[:MAX_CLAIMS]


def hub_claims(card: Mapping[Any, Any], created_at: str) -> tuple[Claim, ...]:
    """Return what the hub says: the card, and where that has no date the day of the upload."""
    claims = card_claims(card, "hub")
    day = created_at[:10]
    if any(claim.kind == "released" for claim in claims) or day == _FIRST_DAY:
        return claims
    return (*claims, *card_claims({"released": day}, "hub"))


def _texts(value: Any) -> Iterator[str]:
    for item in value[: 2 * MAX_CLAIMS] if isinstance(value, list) else [value]:
        if isinstance(item, str):
            text = _cleaned(item)
            if 1 <= len(text) <= MAX_CHARS:
                yield text


def _cleaned(text: str) -> str:
    kept = "".join(c for c in text if unicodedata.category(c) not in _UNSEEN or c.isspace())
    return " ".join(unicodedata.normalize("NFC", kept).split())
