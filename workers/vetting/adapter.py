"""adapter_config.json as data: what a LoRA adapter is merged with, and the base that it names.

Only plain LoRA can be merged exactly. The list of keys comes from reading `LoraConfig` of peft
0.21; whatever is set and not known here may change the arithmetic and is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from app.errors import ModelError
from app.hub.file_names import ADAPTER_CONFIG_NAME
from workers.vetting.data import FaultyDataError, parse_object, shown

MAX_BYTES = 1024**2
MAX_RANK = 65_536
MAX_ALPHA = 10**6
MAX_NAMES = 10_000
MAX_NAME_CHARS = 4_096
_MODULE = re.compile(r"\^?[A-Za-z0-9_.-]{1,256}")
# Inits that leave the base as it is; PiSSA, OLoRA, CorDA and the like change it.
_HARMLESS_INITS = (None, True, False, "gaussian", "eva", "orthogonal")
_HARMLESS = frozenset(
    {"auto_mapping", "inference_mode", "task_type", "peft_version", "lora_dropout", "megatron_core"}
    | {"layers_pattern", "fan_in_fan_out", "runtime_config", "qalora_group_size"}
    | {"eva_config", "corda_config", "lora_ga_config", "loftq_config"}  # say how training began
)
_UNDERSTOOD = frozenset(
    {"peft_type", "r", "lora_alpha", "use_rslora", "rank_pattern", "alpha_pattern", "bias"}
    | {"target_modules", "exclude_modules", "layers_to_transform", "modules_to_save"}
    | {"init_lora_weights", "base_model_name_or_path", "revision"}
)


@dataclass(frozen=True)
class BaseRef:
    """The base that an adapter names: text of a stranger, a path or a hub name."""

    name: str
    revision: str | None


@dataclass(frozen=True)
class LoraSettings:
    """How a LoRA adapter is merged.

    `ranks` and `alphas` hold exceptions by the end of a module's name, `^` before a whole one.
    `complete` names modules of which each must have a pair; it is empty where a pattern or a list
    of layers chose them.
    """

    rank: int
    alpha: float
    rank_stabilised: bool
    ranks: Mapping[str, int]
    alphas: Mapping[str, float]
    complete: tuple[str, ...]
    saved: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return a value that `json.dumps` takes and `from_json` gives back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote, which is ours and trusted."""
        lists = {"complete": tuple(data["complete"]), "saved": tuple(data["saved"])}
        return cls(**{**data, **lists})


def vet_adapter(raw: bytes) -> LoraSettings:
    """Check an adapter_config.json; ModelError `bad_adapter` or `unsupported_adapter`."""
    config = _parse(raw)
    try:
        _refuse_other_methods(config)
        return LoraSettings(
            rank=_size(config, "r", 8),
            alpha=_number(config, "lora_alpha", 8),
            rank_stabilised=config.get("use_rslora") is True,
            ranks={name: _size(ranks, name) for ranks, name in _pattern(config, "rank_pattern")},
            alphas={name: _number(own, name) for own, name in _pattern(config, "alpha_pattern")},
            complete=_complete(config),
            saved=_names(config, "modules_to_save"),
        )
    except FaultyDataError as fault:
        raise _bad(fault) from None


def read_base(raw: bytes) -> BaseRef:
    """Return the base that an adapter_config.json names; ModelError `bad_adapter`."""
    config = _parse(raw)
    try:
        name, revision = (_text(config, key) for key in ("base_model_name_or_path", "revision"))
        if name is None:
            raise FaultyDataError("names no base model")
    except FaultyDataError as fault:
        raise _bad(fault) from None
    return BaseRef(name, revision)


def _parse(raw: bytes) -> dict[str, Any]:
    try:
        return parse_object(raw, MAX_BYTES)
    except FaultyDataError as fault:
        raise _bad(fault) from None


def _refuse_other_methods(config: Mapping[str, Any]) -> None:
    if config.get("peft_type") != "LORA":
        raise _unsupported(f"its peft_type is {shown(str(config.get('peft_type')))}, not LORA")
    if config.get("bias") not in (None, "none"):
        raise _unsupported("it changes biases")
    if not _is_one_of(config.get("init_lora_weights"), _HARMLESS_INITS):
        raise _unsupported("its init_lora_weights changes the base; convert it to plain LoRA")
    for key, value in config.items():
        if value and key not in _UNDERSTOOD | _HARMLESS:
            raise _unsupported(f"it sets {shown(key)}")


def _is_one_of(value: Any, known: tuple[Any, ...]) -> bool:
    # `is` besides `==`, because 1 equals True and a list has no hash
    return any(value is one or (isinstance(value, str) and value == one) for one in known)


def _complete(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the targets that every layer has, where the config says so by plain names."""
    targets = config.get("target_modules")
    chosen = config.get("layers_to_transform") is not None or config.get("exclude_modules")
    if chosen or isinstance(targets, str | None):
        return ()
    return _names(config, "target_modules")


def _names(config: Mapping[str, Any], key: str) -> tuple[str, ...]:
    names = config.get(key) or []
    if not isinstance(names, list) or len(names) > MAX_NAMES:
        raise FaultyDataError(f"has {key} that are not a list of at most {MAX_NAMES:,} names")
    if not all(isinstance(name, str) and _MODULE.fullmatch(name) for name in names):
        raise FaultyDataError(f"has {key} that are not names of modules")
    return tuple(names)


def _pattern(config: Mapping[str, Any], key: str) -> list[tuple[dict[str, Any], str]]:
    """Return the entries of a pattern, each as (the pattern, its name)."""
    pattern = config.get(key) or {}
    if not isinstance(pattern, dict) or len(pattern) > MAX_NAMES:
        raise FaultyDataError(f"has a {key} that is not an object of at most {MAX_NAMES:,} names")
    if not all(_MODULE.fullmatch(name) for name in pattern):
        raise _unsupported(f"its {key} holds regular expressions, not names of modules")
    return [(pattern, name) for name in pattern]


def _size(values: Mapping[str, Any], key: str, default: int | None = None) -> int:
    value = values.get(key, default)
    if type(value) is not int or not 1 <= value <= MAX_RANK:
        raise FaultyDataError(f"has a rank {shown(key)} outside 1 to {MAX_RANK:,}")
    return value


def _number(values: Mapping[str, Any], key: str, default: int | None = None) -> float:
    value = values.get(key, default)
    if type(value) not in (int, float) or not 0 <= value <= MAX_ALPHA:
        raise FaultyDataError(f"has an alpha {shown(key)} outside 0 to {MAX_ALPHA:,}")
    return float(value)


def _text(config: Mapping[str, Any], key: str) -> str | None:
    value = config.get(key)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > MAX_NAME_CHARS or not value.isprintable():
        raise FaultyDataError(f"has a {key} that is not a short printable text")
    return value


def _bad(fault: FaultyDataError) -> ModelError:
    return ModelError("bad_adapter", f"{ADAPTER_CONFIG_NAME} {fault}; save the adapter again.")


def _unsupported(why: str) -> ModelError:
    return ModelError(
        "unsupported_adapter",
        f"This adapter cannot be merged exactly: {why}; merge it into its base and submit that.",
    )
