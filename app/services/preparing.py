"""Models that were handed in are made ready to be stored, a batch at a time."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np
import numpy.typing as npt
import orjson

from app.dna.canonical import Json, canonical, canonical_numbers, digest_json
from app.dna.projection import project
from app.dna.protocol import Protocol
from app.dna.strand import STORED_DTYPE, encode, encode_vectors, remarks
from app.records import Claim
from app.services.handed_in import HandedIn
from app.store import bulk, entries

Vectors = Sequence[Sequence[float]]


@dataclass
class Prepared:
    """A model as it will be stored: `body` holds its responses.

    Under a protocol with a sentence encoder, which only a worker can run, strand and DNA are empty
    and `body` is a job's checkpoint.
    """

    label: str
    digest: str
    claims: tuple[Claim, ...]
    body: bytes
    notes: list[str] = field(default_factory=list)
    strand: bytes = b""
    dna: bytes = b""


def size(model: HandedIn) -> int:
    """About how many bytes a model holds."""
    return sum(len(one) if isinstance(one, str) else 8 * len(one) for one in model.responses)


def prepare(protocol: Protocol, models: Sequence[HandedIn]) -> list[Prepared]:
    """Digest, encode, project and pack a batch of models; raises what `encode` does.

    We never saw these models. Equal answers do not prove equal models, so the label is part of
    what one is known by: the digest is that of ["reported", label, responses].
    """
    if protocol.encoder == "sentence":
        return [_waiting(model) for model in models]
    if protocol.response == "vector":
        vectors = cast("Vectors", [model.responses[0] for model in models])
        strands = encode_vectors(vectors, protocol.width)[:, None]
        found = [_of_vector(*pair) for pair in zip(models, vectors, strict=True)]
    else:
        strands = np.stack([encode(protocol, model.responses).values for model in models])
        found = [_of_answers(model) for model in models]
    _set_bodies(protocol, found, strands)
    return found


def _waiting(model: HandedIn) -> Prepared:
    checkpoint = entries.pack([list(range(len(model.responses))), model.responses])
    return Prepared(model.label, _digest(model), model.claims, checkpoint)


def _of_answers(model: HandedIn) -> Prepared:
    body = bulk.packed(orjson.dumps(model.responses))
    notes = [*remarks(model.responses)]
    return Prepared(model.label, _digest(model), model.claims, body, notes)


def _of_vector(model: HandedIn, vector: Sequence[float]) -> Prepared:
    """As `_of_answers`; the numbers are written once, for the digest and to be kept."""
    written = orjson.dumps(vector)
    known_by = canonical(model.label), canonical_numbers(vector, written)
    digest = hashlib.sha256(b'["reported",%s,[%s]]' % known_by).hexdigest()
    body = bulk.packed(b"[%s]" % written)
    return Prepared(model.label, digest, model.claims, body)


def _digest(model: HandedIn) -> str:
    responses: list[Json] = [one if isinstance(one, str) else [*one] for one in model.responses]
    return digest_json(["reported", model.label, responses])


def _set_bodies(
    protocol: Protocol, found: Sequence[Prepared], strands: npt.NDArray[np.floating]
) -> None:
    stored = strands.astype(STORED_DTYPE[protocol.dtype])
    dna = project(strands, protocol).astype("<f4")
    for one, strand, row in zip(found, stored, dna, strict=True):
        one.strand, one.dna = strand.tobytes(), row.tobytes()
