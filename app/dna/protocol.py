"""Protocols: everything that must be equal for two strands to be comparable, with a digest."""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

from app.dna import probes
from app.dna.canonical import Json, digest_json
from app.errors import InputError

ResponseKind = Literal["likelihood", "answer", "vector"]
Encoder = Literal["likelihood", "lexical", "identity"]
Dtype = Literal["float16", "float32"]

DNA_DIM = 1024
LEXICAL_WIDTH = 64
SCORED_WORDS = 10
MAX_NEW_TOKENS = 128


@dataclass(frozen=True)
class Protocol:
    """How strands are made. Never edited, only added; `name` and `probe_set.name` are labels.

    `generation` says how responses are obtained, as sorted (key, value) pairs; `encoder` and
    `encoder_version` turn them into a strand of shape (n_probes, width) and `dtype`; the strand
    is projected to at most `dna_dim` numbers with `projection_seed`.
    """

    name: str
    probe_set: probes.ProbeSet
    response: ResponseKind
    generation: tuple[tuple[str, str | int], ...]
    encoder: Encoder
    encoder_version: int
    width: int
    dtype: Dtype
    dna_dim: int = DNA_DIM
    projection_seed: int = 42

    @property
    def n_probes(self) -> int:
        """Number of probes, the first axis of every strand."""
        return len(self.probe_set.probes)

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of every strand, (n_probes, width)."""
        return self.n_probes, self.width

    @property
    def generation_settings(self) -> dict[str, str | int]:
        """The generation settings by key."""
        return dict(self.generation)

    def canonical(self) -> dict[str, Json]:
        """Return the JSON value whose digest names this protocol."""
        return {
            "format": "genebank-protocol-1",
            "probe_set": self.probe_set.digest,
            "n_probes": self.n_probes,
            "response": self.response,
            "generation": dict(self.generation),
            "encoder": {"name": self.encoder, "version": self.encoder_version},
            "strand": {"width": self.width, "dtype": self.dtype},
            "projection": {
                "name": "hadamard",
                "version": 1,
                "dim": self.dna_dim,
                "seed": self.projection_seed,
            },
        }

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON; two strands meet only under one digest."""
        return digest_json(self.canonical())


@cache
def likelihood_v1() -> Protocol:
    """The scoring protocol: word log-probabilities of random-word passages."""
    return Protocol(
        name="likelihood-v1",
        probe_set=probes.builtin("neutral-v1"),
        response="likelihood",
        generation=(("scored_words", SCORED_WORDS),),
        encoder="likelihood",
        encoder_version=1,
        width=SCORED_WORDS,
        dtype="float32",
    )


@cache
def lexical_v1() -> Protocol:
    """The answering protocol: greedy answers, as hashed word n-grams."""
    generation: tuple[tuple[str, str | int], ...] = (
        ("chat_template", "when_present"),
        ("decoding", "greedy"),
        ("max_new_tokens", MAX_NEW_TOKENS),
    )
    return _lexical("lexical-v1", probes.builtin("core-v1"), generation)


def reported_answers(probe_set: probes.ProbeSet) -> Protocol:
    """The protocol of answers that were handed in for a probe set; named after it."""
    return _lexical(probe_set.name, probe_set, (("decoding", "reported"),))


def reported_vectors(name: str, dim: int) -> Protocol:
    """The protocol of vectors of `dim` numbers that were handed in under a name.

    Nothing is known of how they were made, so the name stands in for the probe and for the
    rest of the method: vectors of another origin must be imported under another name.
    """
    if not 2 <= dim <= 65_536:
        raise InputError("bad_vector", f"Vectors must hold 2 to 65,536 numbers, not {dim}.")
    return Protocol(
        name=name,
        probe_set=probes.ProbeSet(name, (f"vectors handed in as {name}",)),
        response="vector",
        generation=(("origin", "reported"),),
        encoder="identity",
        encoder_version=1,
        width=dim,
        dtype="float32",
    )


def _lexical(
    name: str, probe_set: probes.ProbeSet, generation: tuple[tuple[str, str | int], ...]
) -> Protocol:
    return Protocol(
        name=name,
        probe_set=probe_set,
        response="answer",
        generation=generation,
        encoder="lexical",
        encoder_version=1,
        width=LEXICAL_WIDTH,
        dtype="float16",
    )


def defaults() -> tuple[Protocol, Protocol]:
    """The two protocols that every model with weights is fingerprinted under, in one load."""
    return likelihood_v1(), lexical_v1()
