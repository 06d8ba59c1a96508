"""Strands: the encoded responses of one model in probe order, the primary artefact."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.dna.lexical import encode_answers
from app.dna.likelihood import encode_likelihoods
from app.dna.protocol import Dtype, Protocol
from app.errors import InputError

Floats = npt.NDArray[np.float16] | npt.NDArray[np.float32]
Response = str | Sequence[float]

# Little-endian on every platform: these bytes are stored, exported and digested.
STORED_DTYPE: dict[Dtype, str] = {"float16": "<f2", "float32": "<f4"}


@dataclass(frozen=True, eq=False)
class Strand:
    """Values of shape (n_probes, width) that are comparable under one protocol digest only."""

    protocol_digest: str
    values: Floats

    def to_bytes(self) -> bytes:
        """The values in row order, little-endian."""
        return self.values.astype(self.values.dtype.newbyteorder("<")).tobytes()

    @property
    def digest(self) -> str:
        """SHA-256 of `to_bytes`: equal digests are equal strands."""
        return hashlib.sha256(self.to_bytes()).hexdigest()


def encode(protocol: Protocol, responses: Sequence[Response]) -> Strand:
    """Encode the responses of one model, one for every probe, in probe order.

    Raises InputError `wrong_number_of_responses`, or whatever the encoder finds wrong.
    """
    if len(responses) != protocol.n_probes:
        raise InputError(
            "wrong_number_of_responses",
            f"Protocol {protocol.name} needs {protocol.n_probes} responses, "
            f"one for each probe, not {len(responses)}.",
        )
    return Strand(protocol.digest, _values(protocol, responses))


def remarks(responses: Sequence[Response]) -> tuple[str, ...]:
    """What a reader of the strand should know of its responses."""
    empty = sum(response == "" for response in responses)
    return (f"{empty} of {len(responses)} answers are empty",) if empty else ()


def _values(protocol: Protocol, responses: Sequence[Response]) -> Floats:
    if protocol.response == "answer":
        return encode_answers([r for r in responses if isinstance(r, str)], protocol.width)
    numbers = [r for r in responses if not isinstance(r, str)]
    if protocol.response == "likelihood":
        return encode_likelihoods(numbers, protocol.width)
    return _encode_vector(numbers, protocol.width)


def _encode_vector(rows: Sequence[Sequence[float]], width: int) -> npt.NDArray[np.float32]:
    if any(len(row) != width for row in rows):
        raise InputError("bad_vector", f"The vector must hold exactly {width} numbers.")
    with np.errstate(over="ignore"):
        values = np.asarray(rows, dtype=np.float32)
    if not np.isfinite(values).all():
        raise InputError("bad_vector", "The vector must hold finite float32 numbers only.")
    if not values.any():
        raise InputError("bad_vector", "The vector is zero everywhere: it says nothing.")
    return values


def from_bytes(protocol: Protocol, data: bytes) -> Strand:
    """Read stored values back; ValueError when the length does not fit the protocol's shape."""
    stored = np.frombuffer(data, dtype=STORED_DTYPE[protocol.dtype])
    values = stored.reshape(protocol.shape).astype(protocol.dtype)
    return Strand(protocol.digest, values)
