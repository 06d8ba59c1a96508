"""A model in a local directory: checked as hostile data, and laid out anew for transformers.

Runs in the child, reads the given directory, writes only into the private one.
"""

import hashlib
import json
import os
from pathlib import Path

from app.dna.canonical import digest_json
from app.errors import ModelError, SetupError
from app.records import Claim
from app.services.local_refs import stat_revision
from workers.sources.folder import changed, names_in, read_inside
from workers.sources.model_card import read_claims
from workers.sources.resolved import Limits, ResolvedModel
from workers.sources.tokenizer_files import gather_tokenizer
from workers.sources.weights import gather_weights, refuse_without_weights
from workers.vetting.config import MAX_BYTES, VettedConfig, vet_config
from workers.vetting.parameters import check_parameters

CONFIG_NAME = "config.json"
CARD_NAME = "README.md"
MAX_CARD_BYTES = 4 * 1024**2


def resolve_local(directory: Path, private: Path, limits: Limits) -> ResolvedModel:
    """Check the model in `directory` and lay out in `private` what transformers may load.

    `private` gets the vetted config.json, links to the weights and copies of the tokenizer's
    files; nothing else, so neither code nor a generation config. It must be missing or empty
    (SetupError `private_not_empty`). InputError `no_such_directory`; ModelError with a code of
    its own for whatever is wrong with the model, `changed_while_reading` when it moved.
    """
    _make_empty(private)
    directory = Path(os.path.realpath(directory))
    before = stat_revision(directory)
    try:
        return _resolve(directory, private, limits)
    finally:  # whatever was found in files that move says nothing of the model
        if stat_revision(directory) != before:
            raise changed()


def _resolve(directory: Path, private: Path, limits: Limits) -> ResolvedModel:
    names = names_in(directory, limits.max_files)
    if CONFIG_NAME not in names:
        raise ModelError(
            "not_a_model", f"The directory has no {CONFIG_NAME}; submit a model's own directory."
        )
    refuse_without_weights(names)
    raw_config = read_inside(directory, CONFIG_NAME, MAX_BYTES)
    config = vet_config(raw_config)
    _write_config(private, config)
    tokenizer = gather_tokenizer(directory, private, names)
    weights = gather_weights(directory, private, names, limits)
    check_parameters(config.values, weights.n_parameters)
    files = {
        CONFIG_NAME: hashlib.sha256(raw_config).hexdigest(),
        **tokenizer.digests,
        **weights.digests,
    }
    return ResolvedModel(
        content_digest=_digest(files),
        weights_digest=_digest(weights.digests),
        model_type=config.model_type,
        kind=config.kind,
        architecture=config.architecture,
        n_parameters=weights.n_parameters,
        weight_bytes=weights.n_bytes,
        chat_template_digest=tokenizer.chat_template_digest,
        claims=_claims(directory, names),
    )


def _make_empty(private: Path) -> None:
    private.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(private.iterdir()):
        raise SetupError("private_not_empty", "The job's private folder is not empty; remove it.")


def _write_config(private: Path, config: VettedConfig) -> None:
    text = json.dumps(config.values, indent=2, sort_keys=True)
    (private / CONFIG_NAME).write_text(text, encoding="ascii")


def _digest(files: dict[str, str]) -> str:
    return digest_json([[name, digest] for name, digest in sorted(files.items())])


def _claims(directory: Path, names: frozenset[str]) -> tuple[Claim, ...]:
    if CARD_NAME not in names:
        return ()
    try:
        return read_claims(read_inside(directory, CARD_NAME, MAX_CARD_BYTES))
    except ModelError:  # a card that cannot be read makes no claims
        return ()
