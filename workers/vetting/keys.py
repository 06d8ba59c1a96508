"""Which keys of a config are refused and which are left out, at every depth. A leaf.

Refused keys make transformers run code, read other files or change its own classes; the list
comes from reading `configuration_utils.py` and `modeling_utils.py` of transformers 5.23, where
every unknown key becomes an attribute of the config.
"""

from typing import Any

from app.errors import ModelError
from workers.vetting.data import FaultyDataError, shown

REFUSED = frozenset(
    {"auto_map", "custom_pipelines", "custom_generate", "trust_remote_code", "code_revision"}
    | {"attn_implementation", "experts_implementation"}
    | {"use_kernels", "kernel_config", "fusion_config"}
    | {"configuration_files", "transformers_weights", "gguf_file"}
    | {"extra_files", "extra_config_files", "attribute_map", "sub_configs"}
    | {"per_layer_config", "distributed_config", "device_map", "pruned_heads"}
)
_REFUSED_STARTS = ("_attn", "_experts", "__")
# Saved by transformers 4.46 to 4.51; says nothing.
_HARMLESS = frozenset({"_attn_implementation_autoset"})
_SPECIAL_FLOAT = "__float__"


def clean(config: dict[str, Any]) -> dict[str, Any]:
    """Return a copy without names, paths and private keys.

    FaultyDataError for a refused key that is set, ModelError `unsupported_architecture` for a
    config inside the config that names a model type.
    """
    return {key: _clean_value(value) for key, value in config.items() if _keep(key, value)}


def _clean_value(value: Any) -> Any:
    if isinstance(value, list):
        return [_clean_value(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("model_type"):
        raise ModelError(
            "unsupported_architecture",
            "config.json holds further configs; only models of one part are supported.",
        )
    return clean(value)


def _keep(key: str, value: Any) -> bool:
    if key in _HARMLESS or key == _SPECIAL_FLOAT:
        return key == _SPECIAL_FLOAT
    if key in REFUSED or key.startswith(_REFUSED_STARTS):
        if value is not None:
            raise FaultyDataError(f"has the key {shown(key)}, which is not allowed")
        return False
    return not key.startswith("_") and not key.endswith("name_or_path")
