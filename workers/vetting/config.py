"""config.json as data, before transformers sees it: what it may say, and a clean copy of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import ModelError
from workers.vetting.architectures import ARCHITECTURES, Architecture, Kind
from workers.vetting.bounds import check_sizes
from workers.vetting.data import FaultyDataError, parse_object, shown
from workers.vetting.keys import clean
from workers.vetting.quantisation import KEY, Quantisation, unsupported, vet_quantisation
from workers.vetting.tokenizer import check_tokenizer_class

MAX_BYTES = 1024**2
DTYPES = frozenset({None, "float32", "float16", "bfloat16", "float64"})
_CLASS_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,127}")
_TEXT_HEADS = ("ForCausalLM", "ForConditionalGeneration")


@dataclass(frozen=True)
class VettedConfig:
    """A config that may be shown to transformers; `values` is the copy to write.

    `quantisation` says how its weights are packed (None: not at all); `values` does not.
    """

    model_type: str
    kind: Kind
    architecture: str
    values: Mapping[str, Any]
    quantisation: Quantisation | None


def vet_config(raw: bytes) -> VettedConfig:
    """Check a config.json and return a copy without the keys that say where it came from.

    ModelError `config_refused` (malformed, a key that loads code or other files, an absurd
    size), `unsupported_quantisation` or `unsupported_architecture`.
    """
    try:
        config = parse_object(raw, MAX_BYTES)
        values = clean(config)
        quantisation = _quantisation(values)
        model_type, known = _known_type(values)
        if quantisation is not None and model_type == "gpt2":
            raise unsupported("GPT-2 keeps its weights transposed")
        check_sizes(values)
        _check_stated(values, known)
        name = _class_name(values, model_type)
        return VettedConfig(model_type, known.kind, name, values, quantisation)
    except FaultyDataError as fault:
        raise ModelError(
            "config_refused", f"config.json {fault}; mend the file and submit the model again."
        ) from None


def _quantisation(values: dict[str, Any]) -> Quantisation | None:
    """Take the settings of packed weights out of a config."""
    if values.pop("compression_config", None) is not None:
        raise unsupported("config.json has an old compression_config")
    return vet_quantisation(values.pop(KEY, None))


def _known_type(values: Mapping[str, Any]) -> tuple[str, Architecture]:
    model_type = values.get("model_type")
    if not isinstance(model_type, str):
        raise FaultyDataError('lacks the text "model_type"')
    known = ARCHITECTURES.get(model_type)
    if known is None:
        raise ModelError(
            "unsupported_architecture",
            f"Models of type {shown(model_type)} are not supported; see the documentation for"
            " the list of those that are.",
        )
    return model_type, known


def _check_stated(values: Mapping[str, Any], known: Architecture) -> None:
    for names in known.sizes:
        if all(values.get(name) is None for name in names):
            raise FaultyDataError(f"lacks {' or '.join(names)}")
    for key in ("dtype", "torch_dtype"):
        if not isinstance(values.get(key), str | None) or values.get(key) not in DTYPES:
            raise FaultyDataError(f"has a {key} that is not a float type")
    stated = values.get("is_encoder_decoder")
    if stated is not None and stated is not (known.kind == "seq2seq"):
        raise FaultyDataError('has an "is_encoder_decoder" that contradicts its model_type')
    check_tokenizer_class(values.get("tokenizer_class"))


def _class_name(values: Mapping[str, Any], model_type: str) -> str:
    names = values.get("architectures")
    if not names:
        return model_type
    name = names[0] if isinstance(names, list) else None
    if not isinstance(name, str) or not _CLASS_NAME.fullmatch(name):
        raise FaultyDataError('has "architectures" that are not class names')
    if ("For" in name and not name.endswith(_TEXT_HEADS)) or name.endswith("EncoderModel"):
        raise ModelError(
            "unsupported_architecture",
            f"A {shown(name)} does not write text; submit one that does.",
        )
    return name
