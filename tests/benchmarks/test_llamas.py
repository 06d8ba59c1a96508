import json
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoModelForCausalLM, AutoTokenizer

from app.dna.probes import builtin
from benchmarks.llama_files import WEIGHTS, made, write
from benchmarks.llamas import M100, M500, NURSERY, Llama
from workers.sources.local import resolve_local
from workers.sources.resolved import Limits

SMALL = Llama("small", 4000, 48, 80, 2, 6, 2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    written = tmp_path_factory.mktemp("llama")
    write(SMALL, "float32", written)
    return written


def test_sizes_are_what_their_names_say():
    assert M100.parameters == pytest.approx(100e6, rel=0.01)
    assert M500.parameters == pytest.approx(500e6, rel=0.01)
    assert NURSERY.parameters < 1e6


def test_genebank_takes_it_for_what_it_is(folder: Path, tmp_path: Path):
    resolved = resolve_local(folder, tmp_path / "private", Limits())
    assert resolved.n_parameters == SMALL.parameters
    assert resolved.architecture == "LlamaForCausalLM"


def test_its_arithmetic_is_that_of_transformers_without_what_is_masked(folder: Path):
    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager")
    n = 7
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        model(torch.arange(n)[None])
    masked = n * n - n * (n + 1) // 2
    unneeded = 4 * SMALL.layers * SMALL.width * masked
    assert SMALL.flops(0, n, predicted=n) == counter.get_total_flops() - unneeded


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_reading_in_two_parts_is_the_same_arithmetic(first, second, predicted):
    parts = SMALL.flops(0, first, 0) + SMALL.flops(first, first + second, predicted)
    assert parts == SMALL.flops(0, first + second, predicted)


def test_a_word_of_a_passage_is_about_one_token(folder: Path):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert len(tokenizer) == SMALL.vocabulary
    passages = builtin("neutral-v1").probes
    tokens = [ids[1:] for ids in tokenizer(list(passages))["input_ids"]]
    words = sum(len(passage.split()) for passage in passages)
    assert sum(map(len, tokens)) < 1.5 * words
    assert tokenizer.decode(tokens[0]) == passages[0]


def test_bfloat16_is_the_same_model_in_half_the_bytes(folder: Path, tmp_path: Path):
    write(SMALL, "bfloat16", tmp_path)
    assert json.loads((tmp_path / "config.json").read_text())["dtype"] == "bfloat16"
    full, half = load_file(folder / WEIGHTS), load_file(tmp_path / WEIGHTS)
    assert full.keys() == half.keys()
    for name, values in half.items():
        assert values.dtype == torch.bfloat16
        torch.testing.assert_close(values.float(), full[name], rtol=2**-7, atol=0)


def test_it_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    first = made(SMALL)
    (first / "here").touch()
    assert made(SMALL) == first
    assert (first / "here").exists()
    assert [path.name for path in first.parent.iterdir()] == [first.name]
