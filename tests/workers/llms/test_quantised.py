"""A quantised model is laid out, unpacked and run as the plain model that its numbers stand for."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, GptOssConfig, GptOssForCausalLM, Mxfp4Config

from app.errors import ModelError
from workers.llms.checkpoint import Checkpoint
from workers.llms.loading import load_model, load_streamed
from workers.llms.machine import choose_machine
from workers.llms.quantised import PackedCheckpoint, open_checkpoint
from workers.sources.local import resolve_local
from workers.sources.resolved import Limits, ResolvedModel

Tensors = dict[str, torch.Tensor]
FP8 = {"quant_method": "fp8", "activation_scheme": "dynamic", "weight_block_size": [16, 16]}


def _fp8(weight: torch.Tensor, path: str) -> Tensors:
    rows, columns = (size // 16 for size in weight.shape)
    blocks = weight.reshape(rows, 16, columns, 16)
    scales = blocks.abs().amax((1, 3)) / torch.finfo(torch.float8_e4m3fn).max
    packed = (blocks / scales[:, None, :, None]).reshape(weight.shape).to(torch.float8_e4m3fn)
    return {f"{path}.weight": packed, f"{path}.weight_scale_inv": scales}


INT8 = {"quant_method": "bitsandbytes", "load_in_8bit": True}


def _int8(weight: torch.Tensor, path: str) -> Tensors:
    maxima = weight.abs().amax(1)
    packed = (weight * 127 / maxima[:, None]).round().to(torch.int8)
    return {f"{path}.weight": packed, f"{path}.SCB": maxima}


def _quantise(
    source: Path, target: Path, settings: dict[str, Any], pack: Callable[..., Tensors]
) -> Path:
    """Copy a model with its linear layers packed and its config saying so."""
    target.mkdir()
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (target / name).write_bytes((source / name).read_bytes())
    config = json.loads((source / "config.json").read_text())
    (target / "config.json").write_text(json.dumps(config | {"quantization_config": settings}))
    tensors: Tensors = {}
    for name, weight in load_file(source / "model.safetensors").items():
        packed = name.endswith("_proj.weight")
        tensors |= pack(weight, name.removesuffix(".weight")) if packed else {name: weight}
    save_file(tensors, target / "model.safetensors", {"format": "pt"})
    return target


def _resolve(folder: Path, private: Path) -> ResolvedModel:
    return resolve_local(folder, private, Limits())


def _logits(model: Any) -> torch.Tensor:
    with torch.inference_mode():
        logits: torch.Tensor = model(torch.arange(40).reshape(2, 20)).logits
    return logits.log_softmax(-1)


def _loaded(private: Path, *, streamed: bool = False) -> Any:
    if streamed:
        return load_streamed(private, "causal", choose_machine())[0]
    return load_model(private, "causal", choose_machine())


@pytest.mark.parametrize(
    ("settings", "pack", "method", "least"),
    [(FP8, _fp8, "fp8", 0.98), (INT8, _int8, "bitsandbytes", 0.999)],
)
def test_a_quantised_model_says_nearly_what_the_plain_one_does(
    folders: dict[str, Path],
    tmp_path: Path,
    settings: dict[str, Any],
    pack: Callable[..., Tensors],
    method: str,
    least: float,
) -> None:
    private = tmp_path / "private"
    resolved = _resolve(_quantise(folders["llama"], tmp_path / "m", settings, pack), private)
    plain = AutoModelForCausalLM.from_pretrained(folders["llama"]).eval()
    assert resolved.quantisation == method
    assert resolved.n_parameters == sum(one.numel() for one in plain.parameters())
    assert "quantization_config" not in json.loads((private / "config.json").read_text())
    true, found = _logits(plain), _logits(_loaded(private))
    assert not torch.equal(found, true)
    assert torch.equal(_logits(_loaded(private, streamed=True)), found)
    agreement = torch.corrcoef(torch.stack([found.flatten(), true.flatten()]))[0, 1]
    assert agreement > least


def test_fused_experts_of_gpt_oss_are_unpacked(tmp_path: Path, folders: dict[str, Path]) -> None:
    plain = GptOssForCausalLM(
        GptOssConfig(
            vocab_size=64,
            hidden_size=32,
            intermediate_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            num_key_value_heads=2,
            num_local_experts=2,
            num_experts_per_tok=1,
            head_dim=16,
            layer_types=["full_attention"],
        )
    ).eval()
    source, private = tmp_path / "m", tmp_path / "private"
    plain.save_pretrained(source)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (source / name).write_bytes((folders["llama"] / name).read_bytes())
    tensors = load_file(source / "model.safetensors")
    random = torch.Generator().manual_seed(3)
    for name in [name for name in tensors if name.endswith(("gate_up_proj", "down_proj"))]:
        experts, inputs, outputs = tensors.pop(name).shape
        shape = (experts, outputs, inputs // 32)
        tensors[f"{name}_blocks"] = torch.randint(
            0, 256, (*shape, 16), dtype=torch.uint8, generator=random
        )
        tensors[f"{name}_scales"] = torch.full(shape, 124, dtype=torch.uint8)
    save_file(tensors, source / "model.safetensors", {"format": "pt"})
    config = json.loads((source / "config.json").read_text())
    config["quantization_config"] = {"quant_method": "mxfp4", "modules_to_not_convert": ["lm_head"]}
    (source / "config.json").write_text(json.dumps(config))
    resolved = _resolve(source, private)
    assert resolved.n_parameters == sum(one.numel() for one in plain.parameters())
    theirs = AutoModelForCausalLM.from_pretrained(
        source, dtype=torch.float32, quantization_config=Mxfp4Config(dequantize=True)
    ).eval()
    assert torch.equal(_logits(_loaded(private)), _logits(theirs))


def test_plain_weights_stay_as_they_are(folders: dict[str, Path], tmp_path: Path) -> None:
    _resolve(folders["llama"], tmp_path / "private")
    assert type(open_checkpoint(tmp_path / "private")) is Checkpoint


def test_weights_are_read_one_by_one_in_any_dtype(folders: dict[str, Path], tmp_path: Path) -> None:
    private = tmp_path / "private"
    _resolve(_quantise(folders["llama"], tmp_path / "m", INT8, _int8), private)
    packed, plain = open_checkpoint(private), Checkpoint(folders["llama"])
    assert isinstance(packed, PackedCheckpoint)
    assert packed.tensors.keys() == plain.tensors.keys()
    for name, stored in packed.tensors.items():
        assert stored.shape == plain.tensors[name].shape
        tensor, out = packed.tensor(name, torch.bfloat16), torch.empty(stored.shape)
        packed.read(name, out)
        assert tensor.dtype == torch.bfloat16
        assert torch.allclose(out, plain.tensor(name, torch.float32), atol=0.01)
        if len(stored.shape) == 2:
            rows = torch.empty(2, stored.shape[1])
            packed.read_rows(name, [3, 1], rows)
            assert torch.equal(rows, out[[3, 1]])


def _drop_scales(tensors: Tensors) -> None:
    for name in [name for name in tensors if name.endswith("SCB")]:
        del tensors[name]


def _cut_scales(tensors: Tensors) -> None:
    for name in [name for name in tensors if name.endswith("SCB")]:
        tensors[name] = tensors[name][:-1].clone()


def _drop_weights(tensors: Tensors) -> None:
    for name in [name for name in tensors if name.endswith("_proj.weight")]:
        del tensors[name]


@pytest.mark.parametrize("spoil", [_drop_scales, _cut_scales, _drop_weights])
def test_what_does_not_fit_together_is_refused(
    folders: dict[str, Path], tmp_path: Path, spoil: Callable[[Tensors], None]
) -> None:
    folder, private = _quantise(folders["llama"], tmp_path / "m", INT8, _int8), tmp_path / "p"
    tensors = load_file(folder / "model.safetensors")
    spoil(tensors)
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    _resolve(folder, private)
    with pytest.raises(ModelError) as caught:
        _loaded(private)
    assert caught.value.code == "bad_quantisation"
    assert str(private) not in caught.value.detail


def test_settings_that_were_lost_are_missed(folders: dict[str, Path], tmp_path: Path) -> None:
    folder = _quantise(folders["llama"], tmp_path / "m", INT8, _int8)
    config = json.loads((folder / "config.json").read_text())
    del config["quantization_config"]
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="config_refused"):
        _resolve(folder, tmp_path / "private")
