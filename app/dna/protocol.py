"""Protocols: everything that must be equal for two strands to be comparable, with a digest."""

import re
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

from app.dna import probes
from app.dna.canonical import Json, digest_json
from app.errors import InputError

ResponseKind = Literal["likelihood", "answer", "vector"]
Encoder = Literal["likelihood", "lexical", "identity", "sentence"]
Projection = Literal["hadamard", "gaussian"]
Dtype = Literal["float16", "float32"]
Settings = tuple[tuple[str, str | int], ...]

DNA_DIM = 1024
LEXICAL_WIDTH = 64
# Answers that were handed in cannot be asked for again, and are few: more of them is kept.
REPORTED_WIDTH = 512
SCORED_WORDS = 10
MAX_NEW_TOKENS = 128
MAX_TEMPERATURE = 2
MAX_DRAWS = 16
# Of answers that were handed in: how they were made is not known.
REPORTED: Settings = (("decoding", "reported"),)
# One spelling a number: no zeros at the end, no sign, no exponent.
_DECIMAL = re.compile(r"(0|[1-9]\d{0,2})(\.\d{0,5}[1-9])?", re.ASCII)


@dataclass(frozen=True)
class Protocol:
    """How strands are made. Never edited, only added; `name` and `probe_set.name` are labels.

    `generation` says how responses are obtained, as sorted (key, value) pairs; `encoder`,
    `encoder_version` and `encoder_settings` turn them into a strand of shape (n_probes, width)
    and `dtype`; `projection` brings it to at most `dna_dim` numbers with `projection_seed`.
    """

    name: str
    probe_set: probes.ProbeSet
    response: ResponseKind
    generation: Settings
    encoder: Encoder
    encoder_version: int
    width: int
    dtype: Dtype
    dna_dim: int = DNA_DIM
    projection_seed: int = 42
    projection: Projection = "hadamard"
    encoder_settings: Settings = ()

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

    @property
    def draws(self) -> int:
        """Answers that are drawn for each probe: 1, or more where they are sampled."""
        return int(self.generation_settings.get("draws", 1))

    @property
    def n_items(self) -> int:
        """What a model is asked in all: item `probe * draws + draw` is one draw of one probe."""
        return self.n_probes * self.draws

    @property
    def is_askable(self) -> bool:
        """Whether a model can be asked for responses; else they can only be handed in."""
        return "reported" not in self.generation_settings.values()

    def canonical(self) -> dict[str, Json]:
        """Return the JSON value whose digest names this protocol."""
        return {
            "format": "genebank-protocol-1",
            "probe_set": self.probe_set.digest,
            "n_probes": self.n_probes,
            "response": self.response,
            "generation": dict(self.generation),
            "encoder": {
                "name": self.encoder,
                "version": self.encoder_version,
                # Left out where empty: digests are older than settings.
                **({"settings": dict(self.encoder_settings)} if self.encoder_settings else {}),
            },
            "strand": {"width": self.width, "dtype": self.dtype},
            "projection": {
                "name": self.projection,
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
    return _lexical("lexical-v1", probes.builtin("core-v1"), greedy(MAX_NEW_TOKENS))


def lexical_sampled_v1() -> Protocol:
    """The answering protocol where answers are drawn: the mean strand of four draws a probe."""
    generation = sampled(MAX_NEW_TOKENS, temperature="0.7", top_p="0.95", draws=4, seed=1)
    return _lexical("lexical-sampled-v1", probes.builtin("core-v1"), generation)


def greedy(max_new_tokens: int) -> Settings:
    """Generation settings: the likeliest token at each step, as a chat where a model has one."""
    return (
        ("chat_template", "when_present"),
        ("decoding", "greedy"),
        ("max_new_tokens", max_new_tokens),
    )


def sampled(
    max_new_tokens: int, *, temperature: str, top_p: str, draws: int, seed: int
) -> Settings:
    """Generation settings: `draws` answers a probe, each seeded by (seed, probe, draw).

    `temperature` and `top_p` are decimal texts, so that the digest has one spelling of each
    number. Raises InputError `bad_generation`.
    """
    if not 0 < _decimal(temperature) <= MAX_TEMPERATURE or not 0 < _decimal(top_p) <= 1:
        raise InputError(
            "bad_generation",
            f"Give a temperature above 0, to {MAX_TEMPERATURE}, and a top_p above 0, to 1.",
        )
    if not 1 <= draws <= MAX_DRAWS or not 0 <= seed < 1 << 53:
        raise InputError(
            "bad_generation", f"Draw 1 to {MAX_DRAWS} times, with a seed from 0 to 2^53 - 1."
        )
    return (
        ("chat_template", "when_present"),
        ("decoding", "sampled"),
        ("draws", draws),
        ("max_new_tokens", max_new_tokens),
        ("seed", seed),
        ("temperature", temperature),
        ("top_p", top_p),
    )


def _decimal(text: str) -> float:
    if not _DECIMAL.fullmatch(text):
        raise InputError("bad_generation", f"Write {text!r} as a plain decimal number, as in 0.7.")
    return float(text)


def reported_answers(probe_set: probes.ProbeSet) -> Protocol:
    """The protocol of answers that were handed in for a probe set; named after it."""
    return _lexical(probe_set.name, probe_set, REPORTED, REPORTED_WIDTH)


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
    name: str, probe_set: probes.ProbeSet, generation: Settings, width: int = LEXICAL_WIDTH
) -> Protocol:
    return Protocol(
        name=name,
        probe_set=probe_set,
        response="answer",
        generation=generation,
        encoder="lexical",
        encoder_version=1,
        width=width,
        dtype="float16",
    )


def defaults() -> tuple[Protocol, Protocol]:
    """The two protocols that every model with weights is fingerprinted under, in one load."""
    return likelihood_v1(), lexical_v1()


def builtins() -> tuple[Protocol, ...]:
    """All protocols that need nothing but Genebank itself, the defaults first."""
    return *defaults(), lexical_sampled_v1()
