"""Strands: the encoded responses of one model in probe order, the primary artefact."""

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from app.dna.lexical import encode_answers
from app.dna.likelihood import encode_likelihoods
from app.dna.paper import reduce
from app.dna.protocol import Dtype, Protocol
from app.errors import InputError

Floats = npt.NDArray[np.float16] | npt.NDArray[np.float32]
# An answer; the answers of several draws; log-probabilities; or a vector that was handed in.
Response = str | Sequence[str] | Sequence[float]

Embed = Callable[[Sequence[str]], npt.NDArray[np.float32]]

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


def encode(protocol: Protocol, responses: Sequence[Response], embed: Embed | None = None) -> Strand:
    """Encode the responses of one model, one for every probe, in probe order.

    `embed` runs the sentence encoder of a protocol that has one: texts to (n, its own width),
    float32, blank texts to rows of zeros. Raises InputError `wrong_number_of_responses`, or
    whatever the encoder finds wrong.
    """
    if len(responses) != protocol.n_probes:
        raise InputError(
            "wrong_number_of_responses",
            f"Protocol {protocol.name} needs {protocol.n_probes} responses, "
            f"one for each probe, not {len(responses)}.",
        )
    return Strand(protocol.digest, _values(protocol, responses, embed))


def remarks(responses: Sequence[Response]) -> tuple[str, ...]:
    """What a reader of the strand should know of its responses."""
    answers = texts(responses)
    empty = answers.count("")
    return (f"{empty} of {len(answers)} answers are empty",) if empty else ()


def texts(responses: Sequence[Response]) -> list[str]:
    """All answers, in the order of probes and draws; numbers are left out."""
    drawn = ([one] if isinstance(one, str) else one for one in responses)
    return [text for draws in drawn for text in draws if isinstance(text, str)]


def _values(protocol: Protocol, responses: Sequence[Response], embed: Embed | None) -> Floats:
    if protocol.response == "answer":
        if any(len(texts([drawn])) != protocol.draws for drawn in responses):
            raise InputError(
                "wrong_number_of_responses",
                f"Protocol {protocol.name} needs {protocol.draws} answers to each probe.",
            )
        return _encode_answers(protocol, texts(responses), embed)
    numbers = cast("Sequence[Sequence[float]]", responses)
    if protocol.response == "likelihood":
        return encode_likelihoods(numbers, protocol.width)
    return encode_vectors(numbers, protocol.width)


def _encode_answers(protocol: Protocol, answers: list[str], embed: Embed | None) -> Floats:
    """Encode every answer; the row of a probe is the mean of those of its draws."""
    if protocol.encoder == "sentence":
        if embed is None:
            raise InputError(
                "needs_encoder", f"Protocol {protocol.name} needs its sentence encoder to be run."
            )
        rows: Floats = reduce(embed(answers), protocol)
    else:
        rows = encode_answers(answers, protocol.width)
    if protocol.draws == 1:
        return rows
    drawn = rows.reshape(protocol.n_probes, protocol.draws, protocol.width)
    mean: Floats = drawn.mean(axis=1, dtype=np.float32).astype(rows.dtype)
    return mean


def encode_vectors(vectors: Sequence[Sequence[float]], width: int) -> npt.NDArray[np.float32]:
    """The strands of vectors that were handed in, one a row, (n, width).

    Raises InputError `bad_vector` where one has another length, says nothing, or is too large.
    """
    if any(len(vector) != width for vector in vectors):
        raise InputError("bad_vector", f"The vector must hold exactly {width} numbers.")
    with np.errstate(over="ignore"):
        values = np.asarray(vectors, dtype=np.float32)
    if not np.isfinite(values).all():
        raise InputError("bad_vector", "The vector must hold finite float32 numbers only.")
    if not values.any(axis=1).all():
        raise InputError("bad_vector", "The vector is zero everywhere: it says nothing.")
    return values


def from_bytes(protocol: Protocol, data: bytes) -> Strand:
    """Read stored values back; ValueError when the length does not fit the protocol's shape."""
    return Strand(protocol.digest, all_from_bytes(protocol, [data])[0])


def all_from_bytes(protocol: Protocol, stored: Sequence[bytes]) -> Floats:
    """The stored values of n strands at once: (n, n_probes, width); ValueError as above."""
    dtype = np.dtype(STORED_DTYPE[protocol.dtype])
    length = dtype.itemsize * math.prod(protocol.shape)
    if any(len(data) != length for data in stored):
        raise ValueError(f"a strand of {protocol.name} has another length than {length} bytes")
    values = np.frombuffer(b"".join(stored), dtype=dtype)
    return values.reshape(len(stored), *protocol.shape).astype(protocol.dtype)
