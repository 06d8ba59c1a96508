"""Only a model whose every weight came from its files gets through; all else is a coded error."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from app.errors import ModelError
from tests.workers.llms.conftest import PASSAGES, PROMPTS, SEQ2SEQ, build, kind_of
from workers.llms.role import Decoding
from workers.llms.transformers_llm import load

Tensors = dict[str, torch.Tensor]
SEEDS = [0] * len(PROMPTS)


@pytest.fixture
def copy(folders: dict[str, Path], tmp_path: Path) -> Callable[[str], Path]:
    """Copies a fixture model into a folder that a test may spoil."""
    return lambda name: Path(shutil.copytree(folders[name], tmp_path / name))


def _change_weights(folder: Path, change: Callable[[Tensors], Any]) -> Path:
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def _change_config(folder: Path, **changes: Any) -> Path:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return folder


def _code(folder: Path, kind: Any = "causal", *, streamed: bool = False) -> str:
    with pytest.raises(ModelError) as caught:
        load(folder, kind, threads=1, streamed=streamed)
    assert str(folder) not in caught.value.detail
    assert len(caught.value.detail) < 400
    return caught.value.code


@pytest.mark.parametrize("streamed", [False, True])
def test_a_missing_weight_is_never_made_up(copy: Callable[[str], Path], streamed: bool) -> None:
    folder = _change_weights(
        copy("llama"), lambda tensors: tensors.pop("model.layers.1.mlp.up_proj.weight")
    )
    assert _code(folder, streamed=streamed) == "weights_incomplete"


@pytest.mark.parametrize("streamed", [False, True])
def test_a_missing_head_is_never_made_up(copy: Callable[[str], Path], streamed: bool) -> None:
    folder = _change_weights(copy("llama"), lambda tensors: tensors.pop("lm_head.weight"))
    assert _code(folder, streamed=streamed) == "weights_incomplete"


@pytest.mark.parametrize("streamed", [False, True])
def test_a_weight_of_another_shape_is_refused(copy: Callable[[str], Path], streamed: bool) -> None:
    def widen(tensors: Tensors) -> None:
        tensors["model.norm.weight"] = torch.ones(33)

    folder = _change_weights(copy("llama"), widen)
    assert _code(folder, streamed=streamed) == "weights_incomplete"


@pytest.mark.parametrize("streamed", [False, True])
def test_more_layers_than_there_are_weights_are_refused(
    copy: Callable[[str], Path], streamed: bool
) -> None:
    folder = _change_config(copy("gpt2"), n_layer=3)
    assert _code(folder, streamed=streamed) == "weights_incomplete"


@pytest.mark.parametrize("name", ["gpt2", "t5", "mbart"])
def test_a_tied_head_is_not_missed(folders: dict[str, Path], name: str) -> None:
    assert "lm_head.weight" not in load_file(folders[name] / "model.safetensors")
    load(folders[name], kind_of(name), threads=1)


@pytest.mark.parametrize("name", ["llama", "gpt2", "t5"])
def test_nan_in_the_weights_is_found_in_both_verbs(copy: Callable[[str], Path], name: str) -> None:
    def spoil(tensors: Tensors) -> None:
        weight = next(tensors[key] for key in sorted(tensors) if "norm" in key or "ln_" in key)
        weight[0] = float("nan")

    llm = load(_change_weights(copy(name), spoil), kind_of(name), threads=1)
    for ask in (
        lambda: llm.score(PASSAGES, 3),
        lambda: llm.answer(PROMPTS, Decoding(5, chat=False), SEEDS),
    ):
        with pytest.raises(ModelError) as caught:
            ask()
        assert caught.value.code == "nan_logits"


def test_infinite_weights_are_found_too(copy: Callable[[str], Path]) -> None:
    def spoil(tensors: Tensors) -> None:
        tensors["lm_head.weight"].fill_(float("inf"))

    llm = load(_change_weights(copy("llama"), spoil), "causal", threads=1)
    for ask in (
        lambda: llm.score(PASSAGES, 3),
        lambda: llm.answer(PROMPTS, Decoding(5, chat=False), SEEDS),
    ):
        with pytest.raises(ModelError) as caught:
            ask()
        assert caught.value.code == "nan_logits"


@pytest.mark.parametrize(
    ("file", "content", "code"),
    [
        ("config.json", "{", "load_failed"),
        ("config.json", '{"model_type": "nothing-known"}', "load_failed"),
        ("model.safetensors", "x" * 100, "bad_safetensors"),
        ("model.safetensors", None, "load_failed"),
        ("tokenizer.json", "{}", "load_failed"),
        ("tokenizer.json", None, "load_failed"),
    ],
)
def test_a_broken_file_is_a_coded_error(
    copy: Callable[[str], Path], file: str, content: str | None, code: str
) -> None:
    folder = copy("llama")
    (folder / file).unlink()
    if content is not None:
        (folder / file).write_text(content)
    if file == "tokenizer.json":
        (folder / "tokenizer_config.json").unlink()
    assert _code(folder) == code


def test_a_truncated_weights_file_is_a_coded_error(copy: Callable[[str], Path]) -> None:
    path = copy("llama") / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    assert _code(path.parent) == "bad_safetensors"


def test_a_panic_of_the_tokenizer_is_a_coded_error(copy: Callable[[str], Path]) -> None:
    path = copy("llama") / "tokenizer.json"
    data = json.loads(path.read_text())
    data["normalizer"] = {"type": "Precompiled", "precompiled_charsmap": "AAAAAWFiYw=="}
    path.write_text(json.dumps(data))
    assert _code(path.parent) == "load_failed"


def test_pickled_weights_are_not_read(copy: Callable[[str], Path]) -> None:
    folder = copy("llama")
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    torch.save(tensors, folder / "pytorch_model.bin")
    assert _code(folder) == "load_failed"


@pytest.mark.parametrize("name", ["llama", "mbart"])
def test_a_model_of_the_other_kind_is_refused(folders: dict[str, Path], name: str) -> None:
    other = "causal" if name in SEQ2SEQ else "seq2seq"
    assert _code(folders[name], other) == "wrong_kind"


def test_a_decoder_without_a_start_is_refused(copy: Callable[[str], Path]) -> None:
    folder = copy("t5")
    path = folder / "config.json"
    config = json.loads(path.read_text())
    del config["decoder_start_token_id"]
    path.write_text(json.dumps(config))
    assert _code(folder, "seq2seq") == "no_decoder_start"


def test_the_repositorys_generation_config_changes_nothing(
    copy: Callable[[str], Path], folders: dict[str, Path]
) -> None:
    folder = copy("llama")
    hostile = {
        "do_sample": True,
        "temperature": 9.0,
        "num_beams": 4,
        "min_new_tokens": 30,
        "max_length": 3,
        "repetition_penalty": 5.0,
        "suppress_tokens": list(range(200)),
        "eos_token_id": 5,
        "custom_entry": "x",
        "cache_implementation": "static",
        "stop_strings": ["a"],
    }
    (folder / "generation_config.json").write_text(json.dumps(hostile))

    def answers(folder: Path) -> list[str]:
        llm = load(folder, "causal", threads=1)
        return llm.answer(PROMPTS, Decoding(12, chat=False), SEEDS)

    expected = answers(folders["llama"])
    assert answers(folder) == expected
    (folder / "generation_config.json").write_text("not json")
    assert answers(folder) == expected


def test_a_tokenizer_without_offsets_is_refused(tmp_path: Path, folders: dict[str, Path]) -> None:
    shutil.copy(folders["gpt2"] / "config.json", tmp_path)
    shutil.copy(folders["gpt2"] / "model.safetensors", tmp_path)
    (tmp_path / "tokenizer_config.json").write_text('{"tokenizer_class": "ByT5Tokenizer"}')
    assert _code(tmp_path) == "no_offsets"


def test_building_a_model_twice_gives_the_same_one(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    again = build("gpt2", tmp_path) / "model.safetensors"
    assert again.read_bytes() == (folders["gpt2"] / "model.safetensors").read_bytes()
