"""Merging gives what the LoRA formula gives, and a tensor without its place is an error."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

from app.errors import ModelError
from nursery import lora
from workers.llms.adapters import merge
from workers.vetting.adapter import vet_adapter

RANK, ALPHA = 4, 12
Tensors = dict[str, torch.Tensor]


def _base(folders: dict[str, Path], name: str, **changes: Any) -> Any:
    auto = AutoModelForSeq2SeqLM if name == "t5" else AutoModelForCausalLM
    return auto.from_pretrained(folders[name], **changes).eval()


def _random(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def _pair(path: str, outputs: int, inputs: int, rank: int = RANK) -> Tensors:
    return {f"{path}.lora_A.weight": _random(rank, inputs)} | {
        f"{path}.lora_B.weight": _random(outputs, rank)
    }


def _write(folder: Path, tensors: Tensors, **config: Any) -> Path:
    """A vetted adapter."""
    plain = {"peft_type": "LORA", "r": RANK, "lora_alpha": ALPHA, "target_modules": "x"}
    settings = vet_adapter(json.dumps(plain | config).encode())
    (folder / "adapter_config.json").write_text(json.dumps(settings.to_json()))
    named = {f"base_model.model.{name}": one.contiguous() for name, one in tensors.items()}
    save_file(named, folder / "adapter_model.safetensors")
    return folder


def _delta(tensors: Tensors, path: str, scale: float) -> torch.Tensor:
    return scale * tensors[f"{path}.lora_B.weight"] @ tensors[f"{path}.lora_A.weight"]


Q0, Q1 = (f"model.layers.{layer}.self_attn.q_proj" for layer in (0, 1))


@pytest.mark.parametrize(
    ("config", "scale", "rank"),
    [
        ({}, ALPHA / RANK, RANK),
        ({"use_rslora": True}, ALPHA / RANK**0.5, RANK),
        ({"rank_pattern": {"q_proj": 2}}, ALPHA / 2, 2),
        ({"rank_pattern": {"0.self_attn.q_proj": 2}}, ALPHA / 2, 2),
        ({"alpha_pattern": {"^" + Q0: 1}}, 1 / RANK, RANK),
        ({"alpha_pattern": {"^q_proj": 1, "v_proj": 1}}, ALPHA / RANK, RANK),
    ],
)
def test_a_linear_layer_gets_the_scaled_product(
    folders: dict[str, Path], tmp_path: Path, config: dict[str, Any], scale: float, rank: int
) -> None:
    model = _base(folders, "llama")
    before = copy.deepcopy(model.state_dict())
    tensors = _pair(Q0, 32, 32, rank)
    merge(model, _write(tmp_path, tensors, **config))
    for name, weight in model.state_dict().items():
        expected = before[name]
        if name == f"{Q0}.weight":
            expected = expected + _delta(tensors, Q0, scale)
        assert torch.allclose(weight, expected, atol=1e-5), name


def test_transposed_layers_and_embeddings(folders: dict[str, Path], tmp_path: Path) -> None:
    model = _base(folders, "gpt2")
    attention, head = "transformer.h.0.attn.c_attn", "lm_head"
    table = {
        "transformer.wte.lora_embedding_A": _random(RANK, 300),
        "transformer.wte.lora_embedding_B": _random(32, RANK),
    }
    tensors = _pair(attention, 96, 32) | table | _pair(head, 300, 32)
    before = copy.deepcopy(model.state_dict())
    merge(model, _write(tmp_path, tensors))
    after, scale = model.state_dict(), ALPHA / RANK
    assert torch.allclose(
        after[f"{attention}.weight"],
        before[f"{attention}.weight"] + _delta(tensors, attention, scale).T,
        atol=1e-5,
    )
    # the tied weights go their own ways, as they do beside an adapter that is not merged
    rows = (
        scale
        * (table["transformer.wte.lora_embedding_B"] @ table["transformer.wte.lora_embedding_A"]).T
    )
    old = before["transformer.wte.weight"]
    assert torch.allclose(after["transformer.wte.weight"], old + rows, atol=1e-5)
    expected = old + _delta(tensors, head, scale)
    assert torch.allclose(after["lm_head.weight"], expected, atol=1e-5)


def test_saved_modules_replace_those_of_the_base(folders: dict[str, Path], tmp_path: Path) -> None:
    model = _base(folders, "llama")
    tensors = _pair(Q0, 32, 32) | {
        "model.norm.weight": _random(32),
        "model.embed_tokens.base_layer.weight": _random(320, 32),
    }
    merge(model, _write(tmp_path, tensors, modules_to_save=["norm"]))
    after = model.state_dict()
    assert torch.equal(after["model.norm.weight"], tensors["model.norm.weight"])
    assert torch.equal(
        after["model.embed_tokens.weight"], tensors["model.embed_tokens.base_layer.weight"]
    )


def test_merging_half_precision_happens_in_float32(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    model = _base(folders, "llama", dtype=torch.bfloat16)
    before = model.state_dict()[f"{Q0}.weight"].float()
    tensors = {name: one.bfloat16() for name, one in _pair(Q0, 32, 32).items()}
    merge(model, _write(tmp_path, tensors))
    exact = before + _delta({name: one.float() for name, one in tensors.items()}, Q0, 3.0)
    assert torch.equal(model.state_dict()[f"{Q0}.weight"], exact.bfloat16())


@pytest.mark.parametrize("name", ["llama", "t5"])
def test_what_the_nursery_attached_and_merged_is_the_same(
    folders: dict[str, Path], tmp_path: Path, name: str
) -> None:
    raised, model = _base(folders, name), _base(folders, name)
    lora.attach(raised, seed=1)
    tensors = {}
    for path, module in raised.named_modules():
        if isinstance(module, lora.LowRank):
            module.up.data.copy_(_random(*module.up.shape))
            tensors[f"{path}.lora_A.weight"] = module.down.detach().clone()
            tensors[f"{path}.lora_B.weight"] = module.up.detach().clone()
    lora.merge(raised)
    names = [one for one in lora.PROJECTIONS if len(one) == (6 if name == "llama" else 1)]
    config = {"r": lora.RANK, "lora_alpha": lora.SCALE * lora.RANK, "target_modules": names}
    merge(model, _write(tmp_path, tensors, **config))
    for path, weight in raised.state_dict().items():
        assert torch.allclose(model.state_dict()[path], weight, atol=1e-5), path


@pytest.mark.parametrize(
    ("tensors", "config", "word"),
    [
        (_pair("model.layers.7.self_attn.q_proj", 32, 32), {}, "layers.7"),
        (_pair(Q0, 32, 16), {}, "shape"),
        (_pair(Q0, 10**6, 10**6, rank=1), {"r": 1}, "shape"),
        (_pair(Q0, 32, 32, rank=3), {}, "rank"),
        (_pair("model.norm", 32, 32), {}, "norm"),
        ({f"{Q0}.lora_A.weight": _random(RANK, 32)}, {}, "half"),
        ({f"{Q0}.lora_A.weight": _random(RANK), f"{Q0}.lora_B.weight": _random(1)}, {}, "rank"),
        ({f"{Q0}.lora_magnitude_vector": _random(32)}, {}, "magnitude"),
        (_pair(Q0, 32, 32) | {f"{Q0}.bias": _random(32)}, {}, "bias"),
        ({"model.norm.weight": _random(31)}, {}, "norm"),
        ({f"{Q0}.weight": _random(32, 32), f"{Q0}.base_layer.weight": _random(3)}, {}, "twice"),
        (_pair(Q0, 32, 32), {"target_modules": ["q_proj"]}, Q1),
        (_pair(Q0, 32, 32), {"modules_to_save": ["lm_head"]}, "lm_head"),
    ],
)
def test_a_tensor_without_its_place_and_a_place_without_tensors_are_refused(
    folders: dict[str, Path],
    tmp_path: Path,
    tensors: Tensors,
    config: dict[str, Any],
    word: str,
) -> None:
    folder = _write(tmp_path, tensors, **config)
    with pytest.raises(ModelError) as caught:
        merge(_base(folders, "llama"), folder)
    assert caught.value.code == "adapter_mismatch"
    assert word in caught.value.detail


def test_a_name_without_the_prefix_is_refused(folders: dict[str, Path], tmp_path: Path) -> None:
    folder = _write(tmp_path, _pair(Q0, 32, 32))
    save_file(_pair(Q0, 32, 32), folder / "adapter_model.safetensors")
    with pytest.raises(ModelError, match="adapter_mismatch"):
        merge(_base(folders, "llama"), folder)


def test_a_file_that_cannot_be_read_is_a_coded_error(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    folder = _write(tmp_path, _pair(Q0, 32, 32))
    (folder / "adapter_model.safetensors").write_bytes(b"x" * 100)
    with pytest.raises(ModelError, match="bad_adapter"):
        merge(_base(folders, "llama"), folder)
