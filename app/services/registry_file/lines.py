"""The lines of a registry file: everything that a registry knows, as JSON objects.

    {"format": "genebank-registry-1"}                       the first line
    {"protocol": {"name", "digest", ...}}                   with its probes
    {"model": {"source", "name", "revision", "digest", "details", "claims"}}
    {"entry": {"model", "digest", "protocol", "strand", "responses", ...}}
    {"end": {"models": n, "entries": n}}                    the last line: nothing is missing

A strand is base64 of its little-endian values; DNA is left out, for it is computed from it.
`responses` are null where the registry no longer keeps them. Endpoints, jobs, references and
trees are no part of it: they hold secrets, or are computed anew.
"""

import zlib
from base64 import b64encode
from typing import Any

import orjson

from app.dna.protocol import Protocol
from app.records import Claim, ModelRecord, ModelRef
from app.store import protocols
from app.store.bulk_pages import StoredEntry

FORMAT = "genebank-registry-1"


def header() -> bytes:
    """The first line."""
    return _line({"format": FORMAT})


def end(models: int, entries: int) -> bytes:
    """The last line."""
    return _line({"end": {"models": models, "entries": entries}})


def protocol_line(protocol: Protocol) -> bytes:
    """A protocol with its probes."""
    named = {"name": protocol.name, "digest": protocol.digest}
    return _line({"protocol": named | protocols.to_json(protocol)})


def model_line(model: ModelRecord, claims: list[Claim]) -> bytes:
    """A model with all claims about it, oldest first."""
    said = [{"kind": c.kind, "value": c.value, "source": c.source} for c in claims]
    known = {"digest": model.digest, "details": dict(model.details), "claims": said}
    return _line({"model": ref_fields(model.ref) | known})


def entry_line(entry: StoredEntry) -> bytes:
    """An entry with its strand and its responses."""
    value: dict[str, Any] = {
        "model": ref_fields(entry.ref),
        "digest": entry.model_digest,
        "protocol": entry.protocol_digest,
        "evidence": entry.evidence,
        "environment": entry.environment,
        "notes": entry.notes,
        "strand": b64encode(entry.strand).decode(),
        # They are JSON already.
        "responses": orjson.Fragment(zlib.decompress(entry.responses)) if entry.responses else None,
    }
    if entry.replicates:
        value["replicates"] = [
            {
                "number": one.number,
                "strand": b64encode(one.strand).decode(),
                "environment": dict(one.environment),
            }
            for one in entry.replicates
        ]
    return _line({"entry": value})


def ref_fields(ref: ModelRef) -> dict[str, Any]:
    """The parts of a ref: a name may hold any character that could part them."""
    return {"source": ref.source, "name": ref.name, "revision": ref.revision}


def _line(value: dict[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
