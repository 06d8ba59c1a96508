"""Reads a vetted directory into a model and its tokenizer. Touches nothing outside the directory.

Nothing of the repository is run (trust_remote_code is off), only safetensors are read, and a
weight that the files lack is an error: random numbers never get through.
"""

from pathlib import Path
from typing import Any

from transformers import (
    MODEL_FOR_CAUSAL_LM_MAPPING,
    MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING,
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    GenerationConfig,
)

from app.errors import ModelError
from workers.llms.failures import failing_as
from workers.llms.machine import Machine
from workers.llms.role import Kind

_OURS = {"local_files_only": True, "trust_remote_code": False}
_CLASSES = {
    "causal": (AutoModelForCausalLM, MODEL_FOR_CAUSAL_LM_MAPPING),
    "seq2seq": (AutoModelForSeq2SeqLM, MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING),
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

    Raises ModelError: `load_failed`, `wrong_kind`, `weights_incomplete`.
    """
    hide = str(directory)
    with failing_as("load_failed", "The configuration could not be read", hide):
        config = AutoConfig.from_pretrained(directory, **_OURS)
    attention = _attention(config, kind)
    with failing_as("load_failed", "The weights could not be read", hide):
        model, info = _CLASSES[kind][0].from_pretrained(
            directory,
            config=config,
            dtype=machine.dtype,
            attn_implementation=attention,
            use_safetensors=True,
            ignore_mismatched_sizes=True,  # so that they are listed; then they are refused
            generation_config=GenerationConfig(),  # never the repository's
            output_loading_info=True,
            **_OURS,
        )
        model.to(machine.device).eval()
    _require_complete(info)
    return model


def _attention(config: Any, kind: Kind) -> str:
    """Return "sdpa" where the architecture supports it, else "eager"."""
    mapping = _CLASSES[kind][1]
    if bool(config.is_encoder_decoder) != (kind == "seq2seq") or type(config) not in mapping:
        raise ModelError(
            "wrong_kind", f"Hand in a {kind} language model: {config.model_type} is none."
        )
    with failing_as("load_failed", "The architecture could not be found"):
        return "sdpa" if getattr(mapping[type(config)], "_supports_sdpa", False) else "eager"


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
