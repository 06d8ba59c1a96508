"""What the paper's package saved is imported; what was made in other ways never meets."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.errors import InputError
from app.services.import_llm_dna import import_llm_dna
from app.services.importing import Imported
from app.services.llm_dna_files import is_llm_dna
from app.store import entries, models
from app.store.database import Database

# Saved by the package itself: tests/golden/make_llm_dna.py.
SAVED = Path(__file__).parents[1] / "golden" / "llm_dna_1_0_1"
SIGNATURE = SAVED / "acme_wolf_dna.json"
RESPONSES = SAVED / "responses.json"


def run(database: Database, path: Path, name: str | None = None) -> list[Imported]:
    return import_llm_dna(database, path, name=name, progress=lambda *_: None)


def write(path: Path, of: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """Write one of the saved files again, changed."""
    data = json.loads(of.read_text())
    change(data)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data))
    return path


def signature(folder: Path, label: str, **config: Any) -> Path:
    def change(data: dict[str, Any]) -> None:
        data["metadata"]["model_name"] = label
        data["metadata"]["extractor_config"] |= config

    return write(folder / f"{label}_dna.json", SIGNATURE, change)


def test_a_signature_becomes_an_entry(database: Database) -> None:
    [imported] = run(database, SIGNATURE)
    assert (imported.added, imported.duplicates) == (1, 0)
    assert imported.protocol.shape == (1, 128)
    with database.read() as session:
        wolf = models.find(session, "acme/wolf")
        dna = entries.dna(session, entries.get(session, wolf, imported.protocol))
    expected = np.load(SAVED / "numbers.npz")["dna-projection-0-384"]
    assert (dna == expected).all()
    assert [again.duplicates for again in run(database, SIGNATURE)] == [1]


def test_responses_become_an_entry(database: Database) -> None:
    [imported] = run(database, RESPONSES)
    prompts = imported.protocol.probe_set.probes
    assert prompts == tuple(f"Question {n}?" for n in range(8))
    with database.read() as session:
        entry = entries.get(session, models.find(session, "wolf"), imported.protocol)
        answers = entries.responses(session, entry)
        details = entries.details_of(session, [entry])[entry.id]
    assert answers == np.load(SAVED / "numbers.npz")["answers"].tolist()
    assert details.notes == ("1 of 8 answers are empty",)


def test_a_folder_is_searched_for_what_the_package_names_so(
    database: Database, tmp_path: Path
) -> None:
    run_folder = tmp_path / "out" / "eight" / "acme_wolf"
    shutil.copytree(SAVED, run_folder)
    (run_folder / "acme_wolf_summary.json").write_text("{}")
    signature(tmp_path / "out" / "eight" / "heron", "heron")
    parts = run(database, tmp_path / "out")
    assert sorted((part.protocol.response, part.added) for part in parts) == [
        ("answer", 1),
        ("vector", 2),
    ]


@pytest.mark.parametrize(
    "config",
    [
        {"encoder_name": "other"},
        {"normalize_embeddings": True},
        {"random_seed": 43},
        {"probe_order_sha256": "0" * 64},
        {"a_setting_of_a_later_version": 1},
        {"provenance": {"generation_config": {"temperature": 0.0}}},
    ],
)
def test_signatures_of_other_configurations_do_not_meet(
    database: Database, tmp_path: Path, config: dict[str, Any]
) -> None:
    signature(tmp_path, "wolf")
    signature(tmp_path, "heron", **config)
    assert [part.added for part in run(database, tmp_path)] == [1, 1]
    with pytest.raises(InputError, match=r"bad_usage.*2 ways"):
        run(database, tmp_path, name="mine")


@pytest.mark.parametrize(
    "config",
    [
        {"zero_placeholder_indices": [1]},
        {"projection_sha256": "0" * 64},
    ],
)
def test_what_is_of_one_model_keeps_none_apart(
    database: Database, tmp_path: Path, config: dict[str, Any]
) -> None:
    signature(tmp_path, "wolf")
    signature(tmp_path, "heron", **config)
    [part] = run(database, tmp_path, name="mine")
    assert (part.added, part.protocol.name) == (2, "mine")


def test_a_name_does_not_join_two_configurations(database: Database, tmp_path: Path) -> None:
    first = signature(tmp_path / "a", "wolf")
    second = signature(tmp_path / "b", "wolf", random_seed=1)
    [one], [other] = run(database, first, name="one"), run(database, second, name="other")
    assert one.protocol.digest != other.protocol.digest


def test_answers_of_another_temperature_do_not_meet(database: Database, tmp_path: Path) -> None:
    def hotter(data: dict[str, Any]) -> None:
        data["generation_config"]["temperature"] = 1.0
        data["model"] = "heron"

    shutil.copy(RESPONSES, tmp_path / "responses.json")
    write(tmp_path / "heron" / "responses.json", RESPONSES, hotter)
    assert [part.added for part in run(database, tmp_path)] == [1, 1]


def test_a_label_stands_once_for_each_configuration(database: Database, tmp_path: Path) -> None:
    signature(tmp_path / "a", "wolf")
    signature(tmp_path / "b", "wolf")
    with pytest.raises(InputError, match=r"bad_file.*'wolf'"):
        run(database, tmp_path)


def _set(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda data: data.update({key: value})


def _in_metadata(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda data: data["metadata"].update({key: value})


BAD = {
    "numbers that are text": (SIGNATURE, _set("signature", ["1", "2"]), "number 1"),
    "no list": (SIGNATURE, _set("signature", 3), "list of numbers"),
    "NaN": (SIGNATURE, _set("signature", [1.0, float("nan")]), "number 2"),
    "zeros": (SIGNATURE, _set("signature", [0.0, 0.0]), "zero everywhere"),
    "no metadata": (SIGNATURE, _set("metadata", None), "an object"),
    "no label": (SIGNATURE, _in_metadata("model_name", None), "label"),
    "a label that breaks lines": (SIGNATURE, _in_metadata("model_name", "a\nb"), "printable"),
    "a setting that is no number": (
        SIGNATURE,
        _in_metadata("extractor_config", {"x": float("nan")}),
        "configuration",
    ),
    "a run that stopped": (RESPONSES, _set("complete", False), "not completed"),
    "items that are none": (RESPONSES, _set("items", [1]), "list of objects"),
    "no prompt": (RESPONSES, _set("items", [{"response": "a"}]), "prompt"),
    "an answer that is a number": (
        RESPONSES,
        _set("items", [{"prompt": "a", "response": 3}]),
        "answer 1",
    ),
    "neither": (RESPONSES, lambda data: data.pop("items"), "neither"),
}


@pytest.mark.parametrize(("of", "change", "says"), BAD.values(), ids=BAD.keys())
def test_bad_files_are_refused_whole(
    database: Database,
    tmp_path: Path,
    of: Path,
    change: Callable[[dict[str, Any]], object],
    says: str,
) -> None:
    signature(tmp_path, "heron")
    bad = write(tmp_path / "bad_dna.json", of, change)
    with pytest.raises(InputError, match=f"bad_file.*{bad.name}.*{says}"):
        run(database, tmp_path)
    with database.read() as session:
        assert models.page(session, None, 10) == []


@pytest.mark.parametrize("body", [b"", b"[1]", b"{", b'{"signature": ' + b"[" * 100_000])
def test_what_is_no_json_object_is_refused(database: Database, tmp_path: Path, body: bytes) -> None:
    (tmp_path / "x.json").write_bytes(body)
    with pytest.raises(InputError, match="bad_file"):
        run(database, tmp_path / "x.json")


def test_a_folder_without_any_is_refused(database: Database, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(InputError, match="empty_folder"):
        run(database, tmp_path)


def test_a_missing_file_is_said(database: Database, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unreadable_file"):
        run(database, tmp_path / "missing.json")


def test_lines_are_not_the_packages(tmp_path: Path) -> None:
    assert is_llm_dna(tmp_path)
    assert is_llm_dna(SIGNATURE)
    assert not is_llm_dna(tmp_path / "answers.jsonl")
    assert not is_llm_dna(tmp_path / "answers.jsonl.gz")
