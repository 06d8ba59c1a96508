"""Files of `llm-dna`, the LLM DNA paper's package (1.0.1), each of one model.

A signature, `<model>_dna.json`: `{"signature": [number, ...], "metadata": {...}}`.
Responses, `responses.json`: `{"model": label, "items": [{"prompt": str, "response": str}], ...}`.

What they were made with becomes part of the protocol, so that signatures of another encoder or
answers of another temperature never meet.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from app.dna.canonical import digest_json
from app.dna.probes import ProbeSet
from app.dna.protocol import REPORTED, Protocol, Settings, reported_answers, reported_vectors
from app.errors import InputError
from app.services.handed_in import HandedIn
from app.services.handed_in_values import Bad, answers, json_object, label, vector

NAMES = ("*_dna.json", "responses.json")
MAX_BYTES = 64 << 20
# What differs between models that are comparable nevertheless; the projection is told by its
# seed and shape, while its digest hangs on the last bits of one machine.
_OF_ONE_MODEL = frozenset({"projection_sha256", "provenance", "zero_placeholder_indices"})


def is_llm_dna(path: Path) -> bool:
    """Whether `path` can only be what llm-dna writes: a folder, or a JSON file of one model."""
    return path.is_dir() or path.suffix == ".json"


def files_in(path: Path) -> list[Path]:
    """The file itself, or whatever llm-dna wrote below a folder; InputError `empty_folder`."""
    if not path.is_dir():
        return [path]
    found = sorted(file for name in NAMES for file in path.rglob(name))
    if not found:
        raise InputError("empty_folder", f"{path} holds no file of llm-dna ({' or '.join(NAMES)}).")
    return found


def read_file(path: Path, name: str | None) -> tuple[Protocol, HandedIn]:
    """Read one file; the protocol is named `name`, or after what it was made with.

    Raises InputError `bad_file`, saying which file and what to mend, and `unreadable_file`.
    """
    bad = _bad(path)
    data = json_object(_bytes(path), bad)
    if {"signature", "metadata"} <= set(data):
        return _signature(data["signature"], data["metadata"], name, bad)
    if not {"model", "items"} <= set(data):
        bad("it holds neither a signature nor responses of llm-dna")
    return _responses(data, name, bad)


def read_files(paths: list[Path]) -> Iterator[HandedIn]:
    """Read the models of files that share a protocol; no label may come twice."""
    labels: set[str] = set()
    for path in paths:
        _, model = read_file(path, None)
        if model.label in labels:
            _bad(path)(f"another file is of model {model.label!r} too, made in the same way")
        labels.add(model.label)
        yield model


def _signature(values: Any, metadata: Any, name: str | None, bad: Bad) -> tuple[Protocol, HandedIn]:
    if not isinstance(values, list) or not isinstance(metadata, dict):
        bad('"signature" must be a list of numbers and "metadata" an object')
    model = HandedIn(label(metadata.get("model_name"), bad), (vector(values, bad),), ())
    digest = _digest(_configuration(metadata), bad)
    shown = name or f"llm-dna-vectors-{digest[:12]}"
    method = ProbeSet(shown, (f"vectors of llm-dna, configuration {digest}",))
    return replace(reported_vectors(shown, len(values)), probe_set=method), model


def _configuration(metadata: dict[str, Any]) -> dict[str, Any]:
    """Everything that two signatures must share to be comparable, as far as it is recorded."""
    config = metadata.get("extractor_config")
    config = config if isinstance(config, dict) else {}
    provenance = config.get("provenance")
    return {
        "extractor": {key: config[key] for key in set(config) - _OF_ONE_MODEL},
        "generation": provenance.get("generation_config") if isinstance(provenance, dict) else None,
        "method": metadata.get("extraction_method"),
        "probes": config.get("probe_order_sha256") or metadata.get("probe_set_id"),
    }


def _responses(data: dict[str, Any], name: str | None, bad: Bad) -> tuple[Protocol, HandedIn]:
    items = data["items"]
    if data.get("complete") is False:
        bad("its run was not completed: let llm-dna finish it")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        bad('"items" must be a list of objects')
    prompts = [item.get("prompt") for item in items]
    if not all(isinstance(prompt, str) for prompt in prompts):
        bad("every item must have a prompt")
    # Where it failed to ask, llm-dna itself leaves an empty answer or none.
    given = [item.get("response") or "" for item in items]
    model = HandedIn(label(data["model"], bad), answers(given, bad), ())
    config = data.get("generation_config")
    method: Settings = REPORTED
    if config is not None:
        method = (*method, ("llm_dna_digest", _digest(config, bad)))
    digest = _digest([prompts, dict(method)], bad)
    probes = ProbeSet(name or f"llm-dna-answers-{digest[:12]}", tuple(prompts))
    return replace(reported_answers(probes), generation=method), model


def _digest(value: Any, bad: Bad) -> str:
    try:
        return digest_json(value)
    except ValueError as error:
        bad(f"its configuration cannot be read ({error})")


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError("unreadable_file", f"{path} cannot be read: {error.strerror}.") from error
    if len(data) > MAX_BYTES:
        _bad(path)(f"it is longer than {MAX_BYTES >> 20} MiB")
    return data


def _bad(path: Path) -> Bad:
    def bad(why: str) -> NoReturn:
        raise InputError("bad_file", f"{path}: {why}.")

    return bad
