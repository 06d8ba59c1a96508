"""What a model card says of its model, read from the front matter of a README.md.

A card that cannot be read makes no claims; it is never an error.
"""

import re
from typing import Any

import yaml  # type: ignore[import-untyped]

from app.hub.claims import card_claims
from app.records import Claim

SOURCE = "model card"
MAX_FRONT_MATTER = 32 * 1024
_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)


def read_claims(card: bytes) -> tuple[Claim, ...]:
    """Return what the front matter claims; see `card_claims`."""
    return card_claims(_front_matter(card), SOURCE)


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
