"""tokenizer_config.json and special_tokens_map.json as data, and clean copies of them.

transformers 5.23 makes every key of both an argument of the tokenizer's class, and opens the
files that such an argument names, wherever they are.
"""

import re
from collections.abc import Mapping
from typing import Any

from workers.vetting.data import FaultyDataError, shown

_CLASS = re.compile(
    r"[A-Za-z0-9_]{1,64}Tokenizer(Fast)?|TokenizersBackend|SentencePieceBackend|PythonBackend"
)
_REFUSED = frozenset({"auto_map", "trust_remote_code", "code_revision"})
_FILE_ENDS = ("_file", "_files", "_path", "_dir", "_spm")
_FILES = frozenset({"vocab", "merges", "base", "multi", "init_inputs"})
_TOKEN_LISTS = frozenset({"additional_special_tokens", "extra_special_tokens"})


def clean_tokenizer_config(config: dict[str, Any]) -> dict[str, Any]:
    """Return a copy that names no file; FaultyDataError when it asks for code."""
    if config.get("init_inputs"):
        raise FaultyDataError("has the key 'init_inputs', which is not allowed")
    check_tokenizer_class(config.get("tokenizer_class"))
    return _clean_object(config)


def clean_special_tokens(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return only the keys that name tokens."""
    return {k: v for k, v in config.items() if k.endswith("_token") or k in _TOKEN_LISTS}


def check_tokenizer_class(name: Any) -> None:
    """Refuse a class that is no tokenizer: transformers would look up any name it exports."""
    if name is not None and not (isinstance(name, str) and _CLASS.fullmatch(name)):
        raise FaultyDataError("has a tokenizer_class that is not a tokenizer")


def chosen_template(config: Mapping[str, Any]) -> str | None:
    """Return the chat template in a tokenizer_config.json; of several the one named default.

    FaultyDataError when it is not text.
    """
    template = config.get("chat_template")
    if isinstance(template, list):
        named = [entry for entry in template if isinstance(entry, dict)]
        template = next((e.get("template") for e in named if e.get("name") == "default"), None)
    if not isinstance(template, str | None):
        raise FaultyDataError("has a chat_template that is not text")
    return template


def _clean_object(config: dict[str, Any]) -> dict[str, Any]:
    refused = _REFUSED & config.keys()
    if refused:
        raise FaultyDataError(f"has the key {shown(min(refused))}, which is not allowed")
    return {key: _clean(item) for key, item in config.items() if not _names_file(key)}


def _clean(value: Any) -> Any:
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return _clean_object(value) if isinstance(value, dict) else value


def _names_file(key: str) -> bool:
    return key in _FILES or key.endswith(_FILE_ENDS) or (key.startswith("_") and key != "__type")
