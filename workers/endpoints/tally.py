"""What the answers of one try of a job cost, and who gave them."""

from datetime import UTC, datetime

import httpx2

from app.records import EndpointRecord
from workers.endpoints.replies import Reply, Usage

MILLION = 1_000_000
# A model that is swapped under way shows as two names; a hostile API could send more.
MOST_NAMES = 8
LONGEST_NAME = 200


class Tally:
    """Counts answer by answer."""

    def __init__(self, endpoint: EndpointRecord) -> None:
        self._endpoint = endpoint
        self._models: set[str] = set()
        self._fingerprints: set[str] = set()
        self._only_thought = 0

    def count(self, reply: Reply) -> dict[str, float]:
        """Note who answered; return what the answer cost, by unit."""
        _add(self._models, reply.model)
        _add(self._fingerprints, reply.system_fingerprint)
        self._only_thought += reply.only_thought
        return self._cost(reply.usage) if reply.usage else {}

    def environment(self) -> dict[str, str | int | None]:
        """Return what the answers depend on, as far as the API tells.

        `only_thought` counts the answers that reached their limit before their first word.
        """
        return {
            "endpoint": httpx2.URL(self._endpoint.url).host,
            "api": self._endpoint.kind,
            "answered_as": ", ".join(sorted(self._models)) or None,
            "system_fingerprint": ", ".join(sorted(self._fingerprints)) or None,
            "asked_on": datetime.now(UTC).date().isoformat(),
            "only_thought": self._only_thought,
        }

    def _cost(self, usage: Usage) -> dict[str, float]:
        settings = self._endpoint.settings
        sent, received = usage.prompt_tokens, usage.completion_tokens
        counts: dict[str, float] = {"prompt_tokens": sent, "completion_tokens": received}
        if settings.input_price or settings.output_price:
            cost = sent * settings.input_price + received * settings.output_price
            counts["cost"] = cost / MILLION
        return counts


def _add(names: set[str], name: str | None) -> None:
    if name and len(names) < MOST_NAMES:
        names.add(name[:LONGEST_NAME])
