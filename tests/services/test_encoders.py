"""Encoders are found by name and known by what their files hold."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.errors import NotFoundError, SetupError
from app.services.encoders import encoder_digest, encoder_files, find_encoder
from tests import minilm

MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
]
FILES = ("config.json", "model.safetensors", "tokenizer.json", "vocab.txt", "1_Pooling/config.json")


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    made = tmp_path / "encoders" / "small"
    (made / "1_Pooling").mkdir(parents=True)
    for name in FILES:
        (made / name).write_text(name)
    (made / "modules.json").write_text(json.dumps(MODULES))
    return made


def test_an_encoder_is_found_by_its_name(encoder: Path) -> None:
    assert find_encoder(encoder.parent, "small") == encoder


@pytest.mark.parametrize("name", ["smal", "../encoders/small", ".", "small/", ""])
def test_no_other_name_will_do(encoder: Path, name: str) -> None:
    with pytest.raises(NotFoundError, match="no_such_encoder"):
        find_encoder(encoder.parent, name)


def test_near_names_are_told(encoder: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        find_encoder(encoder.parent, "smal")
    assert caught.value.near == ("small",)


def test_without_a_folder_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no_such_encoder"):
        find_encoder(tmp_path / "missing", "small")


def test_its_files_are_listed(encoder: Path) -> None:
    assert encoder_files(encoder) == sorted([*FILES, "modules.json"])


@pytest.mark.parametrize("name", [*FILES, "modules.json"])
def test_every_file_that_counts_is_in_the_digest(encoder: Path, name: str) -> None:
    before = encoder_digest(encoder)
    (encoder / name).write_text((encoder / name).read_text() + " ")
    assert encoder_digest(encoder) != before


@pytest.mark.parametrize(
    "name", ["pytorch_model.bin", "README.md", "custom.py", "onnx/model.json", ".git/config.json"]
)
def test_no_other_is(encoder: Path, name: str) -> None:
    before = encoder_digest(encoder)
    (encoder / name).parent.mkdir(exist_ok=True)
    (encoder / name).write_text("anything")
    assert encoder_digest(encoder) == before


def test_a_name_is_part_of_the_digest(encoder: Path) -> None:
    before = encoder_digest(encoder)
    (encoder / "vocab.txt").rename(encoder / "vocab2.txt")
    assert encoder_digest(encoder) != before


def test_it_need_not_have_modules(encoder: Path) -> None:
    (encoder / "modules.json").unlink()
    assert encoder_files(encoder) == sorted(set(FILES) - {"1_Pooling/config.json"})


def changed(index: int, **values: Any) -> bytes:
    modules = [dict(module) for module in MODULES]
    modules[index].update(values)
    return json.dumps(modules).encode()


BAD = {
    "foreign code": lambda: changed(0, type="custom.Transformer"),
    "an unknown module": lambda: changed(1, type="sentence_transformers.models.Router"),
    "a path outside": lambda: changed(1, path="../other"),
    "an absolute path": lambda: changed(1, path="/etc"),
    "no path": lambda: json.dumps([{"type": MODULES[0]["type"]}]).encode(),
    "no list": lambda: b"3",
    "no JSON": lambda: b"[",
}


@pytest.mark.parametrize("modules", BAD.values(), ids=BAD.keys())
def test_modules_that_are_not_known_are_refused(
    encoder: Path, modules: Callable[[], bytes]
) -> None:
    (encoder / "modules.json").write_bytes(modules())
    with pytest.raises(SetupError, match="unsupported_encoder"):
        encoder_files(encoder)


def test_only_safetensors_will_do(encoder: Path) -> None:
    (encoder / "model.safetensors").rename(encoder / "pytorch_model.bin")
    with pytest.raises(SetupError, match=r"unsupported_encoder.*safetensors"):
        encoder_files(encoder)


def test_the_encoder_of_the_tests_is_the_one_that_is_meant() -> None:
    assert encoder_digest(minilm.folder()) == minilm.DIGEST
