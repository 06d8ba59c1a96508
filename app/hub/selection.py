"""Which files of a repository are the model: a fixed list at its top, and the weights once.

No code, no pickles, no sub-folders, and no second copy of the weights in another format.
"""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from app.errors import ModelError
from app.hub.file_names import (
    ADAPTER_CONFIG_NAME,
    ADAPTER_NAME,
    CARD_NAME,
    CONFIG_NAME,
    INDEX_NAME,
    PICKLES,
    SINGLE_NAME,
    TOKENIZER_FILES,
    VOCABULARIES,
)
from app.hub.model import HubFile

# Beside the weights; no file of a tokenizer is larger.
MAX_SMALL_BYTES = 64 * 1024**2
_SMALL = TOKENIZER_FILES | {CARD_NAME, CONFIG_NAME, INDEX_NAME, ADAPTER_CONFIG_NAME}
_WEIGHTS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}\.safetensors")
_SHARD = re.compile(r"model-\d{5}-of-\d{5}\.safetensors")
_NAMED_SHARD = re.compile(rb'"([^"\\]*\.safetensors)"')


def select(files: Sequence[HubFile]) -> tuple[HubFile, ...]:
    """Return the files that may be fetched, small ones first, of all files of a repository.

    One file of weights hides shards, as in transformers; an adapter beside whole weights is left
    out. ModelError `pickle_only`, `not_a_model`, `no_tokenizer` or `file_too_large`.
    """
    by_name = {file.path: file for file in files}
    weights = _weights(by_name)
    is_adapter = weights == {ADAPTER_NAME}
    unwanted = {CONFIG_NAME if is_adapter else ADAPTER_CONFIG_NAME}
    if INDEX_NAME not in by_name or SINGLE_NAME in weights or is_adapter:
        unwanted.add(INDEX_NAME)
    small = sorted((_SMALL - unwanted) & by_name.keys())
    _check_small(is_adapter, [by_name[name] for name in small])
    return tuple(by_name[name] for name in (*small, *sorted(weights)))


def weight_bytes(files: Sequence[HubFile]) -> int:
    """Return the bytes of all weights among files."""
    return sum(file.size for file in files if file.is_weights)


def likely_weights(files: Sequence[HubFile]) -> list[HubFile]:
    """Return the weights among selected files that an index would name, as far as names tell."""
    weights = [file for file in files if file.is_weights]
    return [file for file in weights if _SHARD.fullmatch(file.path)] or weights


def indexed(files: Sequence[HubFile], index: bytes) -> tuple[HubFile, ...]:
    """Return the selected files without the weights that the index does not name.

    Names of shards are only looked for here: who loads the model reads the index as data.
    ModelError `bad_index` when it names a file that the repository lacks, or none.
    """
    named = {name.decode("utf-8", "replace") for name in _NAMED_SHARD.findall(index)}
    if not named or named - {file.path for file in files if file.is_weights}:
        raise ModelError(
            "bad_index",
            f"{INDEX_NAME} names no shards, or files that are not at the top of the repository;"
            " save the model again.",
        )
    return tuple(file for file in files if file.path in named or not file.is_weights)


def check_weight_bytes(n_bytes: int, most: int) -> None:
    """ModelError `too_large` for weights of more than `most` bytes."""
    if n_bytes > most:
        raise ModelError(
            "too_large",
            f"The weights have {n_bytes:,} bytes, more than the {most:,} that this service"
            " accepts; submit a smaller model.",
        )


def _weights(by_name: dict[str, HubFile]) -> set[str]:
    if SINGLE_NAME in by_name:
        return {SINGLE_NAME}
    if INDEX_NAME in by_name:
        return {name for name in by_name if _WEIGHTS.fullmatch(name)} - {ADAPTER_NAME}
    if ADAPTER_NAME in by_name and ADAPTER_CONFIG_NAME in by_name:
        return {ADAPTER_NAME}
    if any(PurePosixPath(name).suffix in PICKLES for name in by_name if "/" not in name):
        raise ModelError(
            "pickle_only",
            "The repository holds only pickled weights, which can run code when they are loaded;"
            " ask for a repository, or a revision, with safetensors.",
        )
    raise _not_a_model(f"neither {SINGLE_NAME} nor {INDEX_NAME}")


def _check_small(is_adapter: bool, small: Sequence[HubFile]) -> None:
    names = {file.path for file in small}
    if not is_adapter and CONFIG_NAME not in names:
        raise _not_a_model(f"no {CONFIG_NAME}")
    if not is_adapter and names.isdisjoint(VOCABULARIES):
        raise ModelError(
            "no_tokenizer",
            "The repository has no tokenizer.json or other vocabulary; submit one with a"
            " tokenizer beside the weights.",
        )
    for file in small:
        if file.size > MAX_SMALL_BYTES:
            raise ModelError(
                "file_too_large",
                f"{file.path} has more than {MAX_SMALL_BYTES:,} bytes; submit a model without it.",
            )


def _not_a_model(lack: str) -> ModelError:
    return ModelError(
        "not_a_model",
        f"The repository has {lack} at its top; submit one that transformers can load.",
    )
