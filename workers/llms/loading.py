"""Reads a vetted directory into a model and its tokenizer. Touches nothing outside the directory.

Nothing of the repository is run (trust_remote_code is off), only safetensors are read, and a
weight that the files lack is an error: random numbers never get through.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformers import (
    MODEL_FOR_CAUSAL_LM_MAPPING,
    MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING,
    AutoConfig,
    AutoTokenizer,
    GenerationConfig,
)

from app.errors import ModelError
from workers.llms.failures import failing_as
from workers.llms.machine import Machine
from workers.llms.quantised import open_checkpoint
from workers.llms.role import Kind
from workers.llms.streaming.deferred import deferred, shapes_only
from workers.llms.streaming.lockstep import Lockstep
from workers.llms.streaming.stream import stream

_OURS = {"local_files_only": True, "trust_remote_code": False}
_CLASSES = {
    "causal": MODEL_FOR_CAUSAL_LM_MAPPING,
    "seq2seq": MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING,
}


def load_tokenizer(directory: Path) -> Any:
    """Return the fast tokenizer of `directory`.

    Raises ModelError `load_failed`, or `no_offsets` for a tokenizer that cannot say where its
    tokens lie in the text.
    """
    with failing_as("load_failed", "The tokenizer could not be read", str(directory)):
        tokenizer = AutoTokenizer.from_pretrained(directory, **_OURS)
    if not tokenizer.is_fast:
        raise ModelError(
            "no_offsets", "Add tokenizer.json: word scores need a tokenizer with offsets."
        )
    _take_dropout(tokenizer)
    return tokenizer


def _take_dropout(tokenizer: Any) -> None:
    """Make the tokenizer deterministic: BPE dropout, meant for training, is part of its file."""
    merging = tokenizer.backend_tokenizer.model
    if getattr(merging, "dropout", None) is not None:
        merging.dropout = None


def load_model(directory: Path, kind: Kind, machine: Machine) -> Any:
    """Return the model of `directory`, complete and on `machine`.

    Raises ModelError: `load_failed`, `bad_safetensors`, `bad_quantisation`, `wrong_kind`,
    `weights_incomplete`.
    """
    checkpoint = open_checkpoint(directory)
    model = _built(directory, kind, machine, deferred(checkpoint, machine.device))
    return model.to(machine.device).eval()


def load_streamed(directory: Path, kind: Kind, machine: Machine) -> tuple[Any, Lockstep]:
    """Return the model of `directory`, which reads its weights whenever it runs and takes little
    memory (workers.llms.streaming), and what runs several of its passes together.

    Raises ModelError `cannot_stream` and those of `load_model`.
    """
    checkpoint = open_checkpoint(directory)
    model = _built(directory, kind, machine, shapes_only(checkpoint))
    together = stream(model, checkpoint, machine)
    return model.to(machine.device).eval(), together


def _built(directory: Path, kind: Kind, machine: Machine, weights: Mapping[str, Any]) -> Any:
    hide = str(directory)
    with failing_as("load_failed", "The configuration could not be read", hide):
        config = AutoConfig.from_pretrained(directory, **_OURS)
    architecture = _architecture(config, kind)
    with failing_as("load_failed", "The weights could not be read", hide):
        model, info = architecture.from_pretrained(
            None,
            config=config,
            state_dict=weights,
            dtype=machine.dtype,
            attn_implementation=_attention(architecture),
            ignore_mismatched_sizes=True,  # so that they are listed; then they are refused
            generation_config=GenerationConfig(),  # never the repository's
            output_loading_info=True,
        )
    _require_complete(info)
    return model


def _architecture(config: Any, kind: Kind) -> Any:
    """Return transformers' class for a language model of this kind; ModelError `wrong_kind`."""
    mapping = _CLASSES[kind]
    if bool(config.is_encoder_decoder) != (kind == "seq2seq") or type(config) not in mapping:
        raise ModelError(
            "wrong_kind", f"Hand in a {kind} language model: {config.model_type} is none."
        )
    with failing_as("load_failed", "The architecture could not be found"):
        return mapping[type(config)]


def _attention(architecture: Any) -> str:
    """Return "sdpa" where the architecture supports it, else "eager"."""
    return "sdpa" if getattr(architecture, "_supports_sdpa", False) else "eager"


def _require_complete(info: dict[str, Any]) -> None:
    """Refuse a model some of whose weights did not come from its files."""
    mismatched = {key[0] for key in info["mismatched_keys"]}
    wrong = sorted(set(info["missing_keys"]) | mismatched)
    if wrong or info["error_msgs"]:
        raise ModelError(
            "weights_incomplete",
            f"Complete the weights: {len(wrong)} are missing or have another shape than "
            f"config.json says, the first is {(wrong or ['unknown'])[0][:100]}.",
        )
