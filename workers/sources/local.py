"""A model in a local directory: checked as hostile data, and laid out anew for transformers.

Runs in the child, reads the given directory, writes only into the private one.
"""

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

from app.dna.canonical import digest_json
from app.errors import ModelError, SetupError
from app.hub.file_names import ADAPTER_NAME, CARD_NAME, CONFIG_NAME
from app.records import Claim
from app.services.local_refs import stat_revision
from workers.sources.adapter import FOLDER, base_missing, gather_adapter, is_adapter
from workers.sources.folder import changed, names_in, read_inside
from workers.sources.model_card import read_claims
from workers.sources.resolved import Limits, ResolvedModel
from workers.sources.tokenizer_files import gather_tokenizer, replace_tokenizer
from workers.sources.weights import Weights, check_total, gather_weights, refuse_without_weights
from workers.vetting.config import MAX_BYTES, VettedConfig, vet_config
from workers.vetting.packing import n_parameters, refuse_remnants
from workers.vetting.parameters import check_parameters
from workers.vetting.quantisation import FILE_NAME as QUANTISATION_NAME

MAX_CARD_BYTES = 4 * 1024**2


def resolve_local(
    directory: Path, private: Path, limits: Limits, base: Path | None = None
) -> ResolvedModel:
    """Check the model in `directory` and lay out in `private` what transformers may load.

    `private` gets the vetted config.json, links to the weights and copies of the tokenizer's
    files; nothing else, so neither code nor a generation config. It must be missing or empty
    (SetupError `private_not_empty`). Of an adapter, that is the model in `base` with the adapter's
    own tokenizer where it has one, and `private/adapter` gets the vetted adapter. A model that is
    whole needs no base. InputError `no_such_directory`; ModelError with a code of its own for
    whatever is wrong with the model, `base_missing` for an adapter alone,
    `changed_while_reading` when files moved.
    """
    _make_empty(private)
    directories = [Path(os.path.realpath(one)) for one in (directory, base) if one is not None]
    before = [stat_revision(one) for one in directories]
    try:
        if not is_adapter(names_in(directories[0], limits.max_files)):
            return _resolve(directories[0], private, limits)
        if base is None:
            raise base_missing()
        return _resolve_adapter(directories[0], directories[1], private, limits)
    finally:  # whatever was found in files that move says nothing of the model
        if [stat_revision(one) for one in directories] != before:
            raise changed()


def _resolve_adapter(
    directory: Path, base_directory: Path, private: Path, limits: Limits
) -> ResolvedModel:
    names = names_in(directory, limits.max_files)
    base = _resolve(base_directory, private, limits)
    adapter = gather_adapter(directory, private / FOLDER, names)
    check_total(base.weight_bytes + adapter.n_bytes, limits)
    tokenizer = replace_tokenizer(directory, private, names)
    files = {"base": base.content_digest, **adapter.digests}
    weights = {"base": base.weights_digest, ADAPTER_NAME: adapter.digests[ADAPTER_NAME]}
    template = base.chat_template_digest
    if tokenizer is not None:
        files, template = files | tokenizer.digests, tokenizer.chat_template_digest
    return replace(
        base,
        content_digest=_digest(files),
        weights_digest=_digest(weights),
        weight_bytes=base.weight_bytes + adapter.n_bytes,
        chat_template_digest=template,
        base_digest=base.content_digest,
        claims=adapter.claims + _claims(directory, names),
    )


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
    stored = _parameters(config, weights)
    check_parameters(config.values, stored)
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
        n_parameters=stored,
        weight_bytes=weights.n_bytes,
        chat_template_digest=tokenizer.chat_template_digest,
        quantisation=None if config.quantisation is None else config.quantisation.method,
        base_digest=None,
        claims=_claims(directory, names),
    )


def _parameters(config: VettedConfig, weights: Weights) -> int:
    """Return how many numbers the weights hold, unpacked."""
    if config.quantisation is not None:
        return n_parameters(weights.tensors, config.quantisation.method, config.quantisation.bits)
    refuse_remnants(weights.tensors)
    return weights.n_parameters


def _make_empty(private: Path) -> None:
    private.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(private.iterdir()):
        raise SetupError("private_not_empty", "The job's private folder is not empty; remove it.")


def _write_config(private: Path, config: VettedConfig) -> None:
    text = json.dumps(config.values, indent=2, sort_keys=True)
    (private / CONFIG_NAME).write_text(text, encoding="ascii")
    if config.quantisation is not None:
        (private / QUANTISATION_NAME).write_text(json.dumps(config.quantisation.to_json()))


def _digest(files: dict[str, str]) -> str:
    return digest_json([[name, digest] for name, digest in sorted(files.items())])


def _claims(directory: Path, names: frozenset[str]) -> tuple[Claim, ...]:
    if CARD_NAME not in names:
        return ()
    try:
        return read_claims(read_inside(directory, CARD_NAME, MAX_CARD_BYTES))
    except ModelError:  # a card that cannot be read makes no claims
        return ()
