"""From checkpoints to responses: what is known of a job's items, and whether that is all."""

from collections.abc import Mapping
from typing import Any

from app.dna.protocol import Protocol
from app.dna.strand import Response
from app.errors import ModelError
from app.store.entries import unpack

# Text answers, or log-probabilities, by protocol digest and number of the item.
Known = dict[str, dict[int, Any]]


def known_items(kept: Mapping[tuple[str, int], bytes]) -> Known:
    """Read the checkpoints of a job, by (protocol digest, batch)."""
    known: Known = {}
    for (protocol_digest, _), body in kept.items():
        indices, responses = unpack(body)
        known.setdefault(protocol_digest, {}).update(zip(indices, responses, strict=True))
    return known


def all_responses(protocol: Protocol, known: Mapping[int, Any]) -> list[Response]:
    """Return the responses in probe order, the draws of one probe together.

    Raises ModelError `missing_responses` unless every item, and no other, was answered.
    """
    missing = [n for n in range(protocol.n_items) if n not in known]
    if missing or len(known) != protocol.n_items:
        raise ModelError(
            "missing_responses", f"Item {missing[:1]} of {protocol.name} was not answered."
        )
    items = [known[n] for n in range(protocol.n_items)]
    if protocol.draws == 1:
        return items
    return [items[n : n + protocol.draws] for n in range(0, len(items), protocol.draws)]
