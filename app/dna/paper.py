"""The protocol of the LLM DNA paper (Wu et al., ICLR 2026, arXiv 2509.24496).

A sentence encoder embeds each answer, the embedding is reduced to 64 numbers, those of all
probes are concatenated and projected to 128. Equal to `TextDNAExtractor` of `llm-dna` 1.0.1
(pipeline `text-dna-concat-v1`) within 1e-5 for the same answers and encoder.
"""

import numpy as np
import numpy.typing as npt

from app.dna.gaussian import gaussian
from app.dna.probes import ProbeSet
from app.dna.protocol import Protocol, Settings
from app.dna.scores import unit_rows
from app.errors import InputError

NAME = "text-dna-concat-v1"
WIDTH = 64
DNA_DIM = 128
SEED = 42
REDUCTIONS = ("prefix", "projection", "none")


def text_dna_concat_v1(
    probe_set: ProbeSet,
    encoder_name: str,
    encoder_digest: str,
    *,
    reduction: str,
    normalise_rows: bool,
    generation: Settings,
) -> Protocol:
    """The paper's protocol for a probe set, a sentence encoder and a way to obtain answers.

    `encoder_digest` is that of the encoder's files. `reduction` is one of REDUCTIONS; see
    `usual_reduction`. `normalise_rows` scales each reduced row to length 1. Raises InputError
    `bad_reduction`.
    """
    if reduction not in REDUCTIONS:
        raise InputError("bad_reduction", f"A reduction is one of {', '.join(REDUCTIONS)}.")
    return Protocol(
        name=NAME,
        probe_set=probe_set,
        response="answer",
        generation=generation,
        encoder="sentence",
        encoder_version=1,
        encoder_settings=(
            ("digest", encoder_digest),
            ("name", encoder_name),
            ("normalise_rows", int(normalise_rows)),
            ("reduction", reduction),
        ),
        width=WIDTH,
        dtype="float32",
        dna_dim=DNA_DIM,
        projection_seed=SEED,
        projection="gaussian",
    )


def usual_reduction(encoder_name: str) -> str:
    """The paper's choice: a prefix for Qwen's embedding models, which are trained to be cut off
    (Matryoshka, arXiv 2205.13147); a shared random projection for others.
    """
    name = encoder_name.lower()
    return "prefix" if "qwen" in name and "embedding" in name else "projection"


def reduce(raw: npt.NDArray[np.floating], protocol: Protocol) -> npt.NDArray[np.float32]:
    """Reduce embeddings (n, any width) to rows (n, protocol.width), float32.

    A row of zeros stands for a blank answer and stays zero. Raises InputError `bad_embedding`.
    """
    settings = dict(protocol.encoder_settings)
    with np.errstate(over="ignore"):
        rows = np.asarray(raw, dtype=np.float32)
    if rows.ndim != 2 or 0 in rows.shape or not np.isfinite(rows).all():
        raise InputError("bad_embedding", "The encoder must give each text finite numbers.")
    reduced = _reduced(rows, str(settings["reduction"]), protocol)
    return unit_rows(reduced) if settings["normalise_rows"] else reduced


def _reduced(
    rows: npt.NDArray[np.float32], reduction: str, protocol: Protocol
) -> npt.NDArray[np.float32]:
    given, wanted = rows.shape[1], protocol.width
    if given == wanted:
        return rows
    if reduction == "prefix":
        return np.pad(rows[:, :wanted], ((0, 0), (0, max(wanted - given, 0))))
    if reduction == "projection":
        return gaussian(rows, wanted, protocol.projection_seed)
    raise InputError(
        "bad_embedding",
        f"The encoder gives {given} numbers a text; without a reduction it is to give {wanted}.",
    )
