"""Sentence encoders: sub-folders of one folder of the operator's, each known by its digest.

An encoder lies there as sentence-transformers saves it, or as a plain transformers model. Only
its settings, its tokenizer and its safetensors count: nothing else of the folder is ever read.
"""

import json
import re
from pathlib import Path

from app.dna.canonical import digest_file, digest_json
from app.errors import NotFoundError, SetupError
from app.store.near import near_names

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
SUFFIXES = frozenset({".json", ".jinja", ".model", ".safetensors", ".txt"})
MODULES = "modules.json"
# What a class outside this list would do is unknown; Router and others name more classes.
_CLASS = re.compile(r"sentence_transformers(\.\w+)*\.(Transformer|Pooling|Dense|Normalize)")
_FOLDER = re.compile(r"\w*")


def find_encoder(encoders_dir: Path, name: str) -> Path:
    """Return the folder of an encoder; NotFoundError `no_such_encoder` with near names."""
    if NAME.fullmatch(name) and (encoders_dir / name).is_dir():
        return encoders_dir / name
    there = sorted(path.name for path in encoders_dir.glob("*") if path.is_dir())
    raise NotFoundError(
        "no_such_encoder",
        f"No encoder is named {name!r}: put its files into {encoders_dir / 'NAME'}.",
        near_names(name, there),
    )


def encoder_files(directory: Path) -> list[str]:
    """The files that make up an encoder, sorted, relative to its folder.

    Raises SetupError `unsupported_encoder`.
    """
    folders = {"", *_module_folders(directory)}
    files = sorted(
        path.relative_to(directory).as_posix()
        for folder in folders
        for path in (directory / folder).glob("*")
        if path.suffix in SUFFIXES and path.is_file()
    )
    if not any(name.endswith(".safetensors") for name in files):
        raise _unsupported("it holds no safetensors")
    return files


def encoder_digest(directory: Path) -> str:
    """SHA-256 of the canonical JSON {relative path: SHA-256 of the file} of an encoder's files.

    Reads all of them: seconds for each gigabyte or two.
    """
    return digest_json({name: digest_file(directory / name) for name in encoder_files(directory)})


def _module_folders(directory: Path) -> list[str]:
    """The sub-folders that `modules.json` names; a plain transformers model has no such file."""
    path = directory / MODULES
    if not path.exists():
        return []
    try:
        modules = [(module["type"], module["path"]) for module in json.loads(path.read_bytes())]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise _unsupported(f"{MODULES} cannot be read") from error
    for class_name, folder in modules:
        if not _CLASS.fullmatch(str(class_name)) or not _FOLDER.fullmatch(str(folder)):
            raise _unsupported(
                f"{MODULES} names {str(class_name)[:100]!r} in {str(folder)[:100]!r}"
            )
    return [folder for _, folder in modules]


def _unsupported(why: str) -> SetupError:
    return SetupError(
        "unsupported_encoder",
        f"This encoder cannot be used: {why}. Save it anew with sentence-transformers, as "
        "transformer, pooling, dense and normalise modules with safetensors.",
    )
