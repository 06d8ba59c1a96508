"""A LoRA adapter's folder: which base it names, and its two files checked and laid out.

Never read through peft, which would follow the adapter's own file to whatever base it names.
`declared_base` is also for the worker's parent: it reads one file as data and imports no torch.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from app.dna.canonical import digest_file
from app.errors import ModelError
from app.hub.claims import MAX_CHARS
from app.hub.file_names import ADAPTER_CONFIG_NAME, ADAPTER_NAME, INDEX_NAME, SINGLE_NAME
from app.records import Claim
from workers.sources.folder import names_in, place, read_inside
from workers.sources.resolved import Limits
from workers.vetting.adapter import MAX_BYTES, BaseRef, read_base, vet_adapter
from workers.vetting.safetensors_header import read_header

FOLDER = "adapter"
PICKLED_NAME = "adapter_model.bin"


@dataclass(frozen=True)
class Adapter:
    """A checked adapter: SHA-256 of its files by name, bytes of its weights, what it claims."""

    digests: dict[str, str]
    n_bytes: int
    claims: tuple[Claim, ...]


def is_adapter(names: frozenset[str]) -> bool:
    """Whether a folder with these names is an adapter: it says so and has no model of its own."""
    return ADAPTER_CONFIG_NAME in names and names.isdisjoint({SINGLE_NAME, INDEX_NAME})


def declared_base(folder: Path) -> BaseRef | None:
    """Return the base that the adapter in `folder` names, None where it is no adapter.

    The text is a stranger's. ModelError `bad_adapter` where it names none, or those of `names_in`
    and `read_inside`.
    """
    folder = Path(os.path.realpath(folder))
    if not is_adapter(names_in(folder, Limits().max_files)):
        return None
    return read_base(read_inside(folder, ADAPTER_CONFIG_NAME, MAX_BYTES))


def gather_adapter(folder: Path, private: Path, names: frozenset[str]) -> Adapter:
    """Lay out the adapter in `private`: its vetted settings and a link to its weights.

    ModelError `bad_adapter`, `unsupported_adapter`, `pickle_only`, `bad_safetensors`, or those of
    `open_inside`.
    """
    _require_weights(names)
    raw = read_inside(folder, ADAPTER_CONFIG_NAME, MAX_BYTES)
    settings = vet_adapter(raw)
    private.mkdir(mode=0o700)
    (private / ADAPTER_CONFIG_NAME).write_text(json.dumps(settings.to_json()), encoding="ascii")
    n_bytes = place(folder, ADAPTER_NAME, private)
    read_header(private / ADAPTER_NAME)
    digests = {
        ADAPTER_CONFIG_NAME: hashlib.sha256(raw).hexdigest(),
        ADAPTER_NAME: digest_file(private / ADAPTER_NAME),
    }
    return Adapter(digests, n_bytes, _claims(raw))


def base_missing() -> ModelError:
    """Return the error for an adapter without the files of its base."""
    return ModelError(
        "base_missing", "An adapter needs the model that it was trained on: submit that as well."
    )


def _require_weights(names: frozenset[str]) -> None:
    if ADAPTER_NAME in names:
        return
    if PICKLED_NAME in names:
        raise ModelError(
            "pickle_only",
            "The adapter holds only pickled weights, which can run code when they are loaded; save"
            " it as safetensors.",
        )
    raise ModelError("bad_adapter", f"The adapter has no {ADAPTER_NAME}; submit a whole adapter.")


def _claims(raw: bytes) -> tuple[Claim, ...]:
    try:
        base = read_base(raw)
    except ModelError:  # the base was handed in beside the adapter: the name is only a claim
        return ()
    return (Claim("declared_base", base.name[:MAX_CHARS], ADAPTER_CONFIG_NAME),)
