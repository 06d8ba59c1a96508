"""The tokenizer of a model's folder: a fixed list of files, checked, cleaned and copied."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import ModelError
from app.hub.file_names import (
    SPECIAL_TOKENS_NAME,
    TEMPLATE_NAME,
    TOKENIZER_CONFIG_NAME,
    TOKENIZER_FILES,
    VOCABULARIES,
)
from workers.sources.folder import read_inside
from workers.vetting.data import FaultyDataError, parse_object
from workers.vetting.tokenizer import (
    chosen_template,
    clean_special_tokens,
    clean_tokenizer_config,
)

# A vocabulary with merges is a list for each entry.
MAX_CONTAINERS = 4_000_000
_MIB = 1024**2
# The template file is the last: it takes precedence over the one in the settings.
MAX_BYTES = {
    "tokenizer.json": 64 * _MIB,
    "tokenizer.model": 64 * _MIB,
    "spiece.model": 64 * _MIB,
    "sentencepiece.bpe.model": 64 * _MIB,
    "source.spm": 64 * _MIB,
    "vocab.json": 32 * _MIB,
    "vocab.txt": 32 * _MIB,
    TOKENIZER_CONFIG_NAME: 8 * _MIB,
    SPECIAL_TOKENS_NAME: _MIB,
    "added_tokens.json": 8 * _MIB,
    "merges.txt": 32 * _MIB,
    "target.spm": 64 * _MIB,
    TEMPLATE_NAME: _MIB,
}
_CLEANERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    TOKENIZER_CONFIG_NAME: clean_tokenizer_config,
    SPECIAL_TOKENS_NAME: clean_special_tokens,
}


@dataclass(frozen=True)
class TokenizerFiles:
    """SHA-256 by file name, of the files as they were found, and of the chat template's text."""

    digests: dict[str, str]
    chat_template_digest: str | None


def gather_tokenizer(folder: Path, private: Path, names: frozenset[str]) -> TokenizerFiles:
    """Copy the tokenizer's files into `private`; Python files and others never come along.

    ModelError `no_tokenizer`, `bad_tokenizer`, `file_too_large`, or those of `open_inside`.
    """
    if names.isdisjoint(VOCABULARIES):
        raise ModelError(
            "no_tokenizer",
            "The directory has no tokenizer.json or other vocabulary; save the tokenizer beside"
            " the model.",
        )
    digests, template = {}, None
    for name, max_bytes in MAX_BYTES.items():
        if name not in names:
            continue
        raw = read_inside(folder, name, max_bytes)
        digests[name] = hashlib.sha256(raw).hexdigest()
        vetted, found = _vet(name, raw, max_bytes)
        template = found if found is not None else template
        (private / name).write_bytes(vetted)
    digest = None if template is None else hashlib.sha256(template).hexdigest()
    return TokenizerFiles(digests, digest)


def replace_tokenizer(folder: Path, private: Path, names: frozenset[str]) -> TokenizerFiles | None:
    """Put the tokenizer in `folder` in the place of that in `private`, if it is a whole one.

    An adapter often carries the tokenizer and the chat template that it was trained with. Returns
    None, and changes nothing, where it carries none; ModelError as `gather_tokenizer`.
    """
    if names.isdisjoint(VOCABULARIES):
        return None
    for name in TOKENIZER_FILES:
        (private / name).unlink(missing_ok=True)
    return gather_tokenizer(folder, private, names)


def _vet(name: str, raw: bytes, max_bytes: int) -> tuple[bytes, bytes | None]:
    """Return what may be written, and the chat template if this file holds one."""
    try:
        if name == TEMPLATE_NAME:
            return raw, _utf8(raw.decode("utf-8"))
        if not name.endswith(".json"):
            return raw, None
        value = parse_object(raw, max_bytes, MAX_CONTAINERS)
        if name not in _CLEANERS:
            return raw, None
        template = chosen_template(value) if name == TOKENIZER_CONFIG_NAME else None
        cleaned = json.dumps(_CLEANERS[name](value)).encode("ascii")
        return cleaned, None if template is None else _utf8(template)
    except UnicodeError:
        fault = "is not valid UTF-8"
    except FaultyDataError as faulty:
        fault = str(faulty)
    raise ModelError("bad_tokenizer", f"{name} {fault}; save the tokenizer again.")


def _utf8(text: str) -> bytes:
    return text.encode("utf-8")
