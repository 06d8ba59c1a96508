"""A streamed model gives the numbers of one that is loaded whole, in a fraction of its memory."""

import multiprocessing
import shutil
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from transformers import (
    GemmaConfig,
    GptOssConfig,
    LlamaConfig,
    MixtralConfig,
    PreTrainedConfig,
    ProphetNetConfig,
    Qwen3MoeConfig,
    Zamba2Config,
)
from transformers.models.auto import modeling_auto

from app.errors import ModelError
from tests.workers.llms.conftest import CAUSAL, PASSAGES, PROMPTS, SEQ2SEQ, kind_of
from workers.llms.loading import load_model, load_streamed
from workers.llms.machine import choose_machine
from workers.llms.role import Decoding
from workers.llms.streaming.stream import must_stream
from workers.llms.transformers_llm import TransformersLLM, load

_SMALL: dict[str, Any] = {
    "vocab_size": 320,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
_LIMIT_MB = 30
_EXPERTS = {"num_experts_per_tok": 2, "num_local_experts": 4}
# Each keeps its weights in another way: tied, scaled, fused experts, shared blocks, bare tables.
_CONFIGS: dict[str, Callable[[], PreTrainedConfig]] = {
    "tied": lambda: LlamaConfig(**_SMALL, tie_word_embeddings=True),
    "gemma": lambda: GemmaConfig(**_SMALL, head_dim=8),
    "mixtral": lambda: MixtralConfig(**_SMALL, **_EXPERTS),
    "qwen3_moe": lambda: Qwen3MoeConfig(
        **_SMALL, num_experts=4, num_experts_per_tok=2, moe_intermediate_size=24, head_dim=8
    ),
    "gpt_oss": lambda: GptOssConfig(
        **_SMALL, **_EXPERTS, head_dim=8, layer_types=["full_attention"] * 3
    ),
    "zamba2": lambda: Zamba2Config(
        **{**_SMALL, "num_hidden_layers": 4},
        layers_block_type=["mamba", "hybrid"] * 2,
        mamba_d_state=4,
        n_mamba_heads=4,
        mamba_headdim=16,
        num_mem_blocks=1,
        adapter_rank=4,
    ),
    "prophetnet": lambda: ProphetNetConfig(
        vocab_size=320,
        hidden_size=32,
        num_encoder_layers=2,
        num_decoder_layers=2,
        encoder_ffn_dim=48,
        decoder_ffn_dim=48,
        num_encoder_attention_heads=4,
        num_decoder_attention_heads=4,
        max_position_embeddings=64,
    ),
}


def _write(folder: Path, config: PreTrainedConfig, dtype: torch.dtype = torch.float32) -> None:
    """Save a model of random weights in several files."""
    names = (
        modeling_auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING
        if config.is_encoder_decoder
        else modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING
    )
    model = names[type(config)](config)
    generator = torch.Generator().manual_seed(7)
    for parameter in model.parameters():
        if parameter.dim() > 1:
            parameter.data.normal_(0.0, 0.2, generator=generator)
    model.to(dtype).save_pretrained(folder, max_shard_size="40KB")


def _logits(folder: Path, config: PreTrainedConfig, *, streamed: bool) -> list[torch.Tensor]:
    """Return what the model says twice, so that every part has come and gone."""
    kind = "seq2seq" if config.is_encoder_decoder else "causal"
    machine = choose_machine()
    loaded = load_streamed(folder, kind, machine)[0] if streamed else None
    model = loaded or load_model(folder, kind, machine)
    ids = torch.arange(3, 51).reshape(4, 12)
    inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    if kind == "seq2seq":
        inputs["decoder_input_ids"] = ids[:, :5]
    with torch.inference_mode():
        return [model(**inputs, use_cache=False).logits for _ in range(2)]


@pytest.mark.parametrize("name", _CONFIGS)
def test_every_way_to_keep_weights_can_be_streamed(name: str, tmp_path: Path) -> None:
    config = _CONFIGS[name]()
    _write(tmp_path, config)
    first, second = _logits(tmp_path, config, streamed=True)
    whole, _ = _logits(tmp_path, config, streamed=False)
    assert torch.equal(first, whole)
    assert torch.equal(second, whole)
    assert whole.std() > 0


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_halves_are_widened_while_they_are_read(dtype: torch.dtype, tmp_path: Path) -> None:
    config = LlamaConfig(**_SMALL)
    _write(tmp_path, config, dtype)
    streamed, _ = _logits(tmp_path, config, streamed=True)
    whole, _ = _logits(tmp_path, config, streamed=False)
    assert streamed.dtype == torch.float32
    assert torch.equal(streamed, whole)


@pytest.mark.parametrize("name", CAUSAL + SEQ2SEQ)
def test_both_verbs_do_not_change(
    folders: dict[str, Path], llms: dict[str, TransformersLLM], name: str
) -> None:
    streamed = load(folders[name], kind_of(name), threads=1, streamed=True)
    asked = Decoding(6, chat=False), [0] * len(PROMPTS)
    assert streamed.answer(PROMPTS, *asked) == llms[name].answer(PROMPTS, *asked)
    assert streamed.score(PASSAGES, 3) == llms[name].score(PASSAGES, 3)


def test_a_pass_reads_each_weight_once(tmp_path: Path) -> None:
    folder = _large(tmp_path)
    model = load_streamed(folder, "causal", choose_machine())[0]
    ids = torch.arange(3, 51).reshape(4, 12)
    with torch.inference_mode():
        model(input_ids=ids)
        before = _read_bytes()
        model(input_ids=ids)
    weights = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    assert 0.9 * weights < _read_bytes() - before < 1.1 * weights


def _in_short_passes(llm: TransformersLLM) -> TransformersLLM:
    """The same model, which reads every passage in a pass of its own."""
    machine = replace(llm._machine, score_tokens=1)
    return TransformersLLM(llm._model, llm._tokenizer, llm._kind, machine, llm._together)


def test_several_passes_read_each_weight_once(tmp_path: Path, folders: dict[str, Path]) -> None:
    folder = _large(tmp_path)
    for path in folders["llama"].glob("tokenizer*"):
        shutil.copy(path, folder)
    llm, whole = (_in_short_passes(load(folder, "causal", 1, streamed=s)) for s in (True, False))
    llm.score(PASSAGES[:1], 3)
    before = _read_bytes()
    scores = llm.score(PASSAGES, 3)
    weights = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    assert 0.9 * weights < _read_bytes() - before < 1.1 * weights
    assert scores == whole.score(PASSAGES, 3)


def test_memory_is_bounded_and_the_strand_the_same(
    tmp_path: Path, folders: dict[str, Path]
) -> None:
    folder = _large(tmp_path)
    for path in folders["llama"].glob("tokenizer*"):
        shutil.copy(path, folder)
    weights_mb = sum(path.stat().st_size for path in folder.glob("*.safetensors")) / 1e6
    whole, _ = _in_a_fork(_scores, folders["llama"], folder, False)
    streamed, took_mb = _in_a_fork(_scores, folders["llama"], folder, True)
    assert weights_mb > 3 * _LIMIT_MB
    assert took_mb < _LIMIT_MB
    assert streamed == whole


def test_a_file_that_shrinks_meanwhile_is_a_coded_error(
    tmp_path: Path, folders: dict[str, Path]
) -> None:
    folder = Path(shutil.copytree(folders["llama"], tmp_path / "model"))
    llm = load(folder, "causal", threads=1, streamed=True)
    (folder / "model.safetensors").write_bytes(b"")
    with pytest.raises(ModelError) as caught:
        llm.score(PASSAGES, 3)
    assert caught.value.code == "load_failed"
    assert str(tmp_path) not in caught.value.detail


def test_weights_that_a_model_changes_cannot_be_streamed_unnoticed(tmp_path: Path) -> None:
    config = LlamaConfig(**_SMALL)
    _write(tmp_path, config)
    model = load_streamed(tmp_path, "causal", choose_machine())[0]
    block = model.model.layers[1].mlp.up_proj
    assert block.weight.isnan().all()
    with pytest.raises(RuntimeError), torch.no_grad():
        block.weight.div_(2)


def test_nan_in_the_files_is_no_fault_of_streaming(
    tmp_path: Path, folders: dict[str, Path]
) -> None:
    folder = Path(shutil.copytree(folders["t5"], tmp_path / "model"))
    tensors = load_file(folder / "model.safetensors")
    tensors["decoder.final_layer_norm.weight"][0] = float("nan")
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError) as caught:
        load(folder, "seq2seq", threads=1, streamed=True).score(PASSAGES, 3)
    assert caught.value.code == "nan_logits"


@given(st.integers(0, 10**12), st.integers(1, 10**6), st.integers(0, 10**12), st.integers(0, 10**6))
def test_less_memory_or_more_weights_never_fit_better(
    parameters: int, memory_mb: int, more: int, less: int
) -> None:
    if must_stream(parameters, memory_mb):
        assert must_stream(parameters + more, memory_mb - less)


def test_what_fits_is_not_streamed() -> None:
    assert not must_stream(500_000, 1000)
    assert must_stream(10**15, 10**6)


def _large(folder: Path) -> Path:
    """Write a Llama of 24 blocks of 4 MB."""
    config = LlamaConfig(
        **{**_SMALL, "hidden_size": 256, "intermediate_size": 1024, "num_hidden_layers": 24}
    )
    model = modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING[type(config)](config)
    model.save_pretrained(folder)
    return folder


def _scores(small: Path, folder: Path, streamed: bool) -> tuple[list[list[float]], float]:
    """Return scores and the MB that this process took for them.

    A small model goes first, so that libraries are in memory before.
    """
    torch.set_num_threads(1)
    load(small, "causal", threads=1, streamed=streamed).score(PASSAGES, 3)
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = _kilobytes("VmRSS")
    scores = load(folder, "causal", threads=1, streamed=streamed).score(PASSAGES, 3)
    return scores, (_kilobytes("VmHWM") - before) / 1e3


def _in_a_fork(function: Callable[..., Any], *arguments: Any) -> Any:
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)

    def work(sender: Connection) -> None:
        sender.send(function(*arguments))

    process = context.Process(target=work, args=(sender,))
    process.start()
    sender.close()
    result = receiver.recv()
    process.join()
    return result


def _kilobytes(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(name)))


def _read_bytes() -> int:
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("rchar")))
