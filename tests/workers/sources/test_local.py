import itertools
import json
import os
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
)

from app.errors import GenebankError, InputError, ModelError, SetupError
from tests.workers.models import CONFIG, TENSORS, config_bytes, shard_model, write_model
from workers.sources.local import resolve_local
from workers.sources.resolved import Limits

LIMITS = Limits()


def resolve(folder, private=None, limits=LIMITS):
    private = private or folder.with_name(f"{folder.name}-private")
    return resolve_local(folder, private, limits)


def refusal(folder, limits=LIMITS):
    with pytest.raises(GenebankError) as error:
        resolve(folder, limits=limits)
    return error.value.code


def test_a_model_is_described(tmp_path):
    folder = write_model(tmp_path / "m")
    (folder / "README.md").write_text("---\nlicense: mit\nbase_model: org/base\n---\n")
    (folder / "chat_template.jinja").write_text("{{ messages }}")
    model = resolve(folder)
    assert (model.model_type, model.kind) == ("llama", "causal")
    assert model.architecture == "LlamaForCausalLM"
    assert model.n_parameters == 264
    assert model.weight_bytes == (folder / "model.safetensors").stat().st_size
    assert [(claim.kind, claim.value) for claim in model.claims] == [
        ("licence", "mit"),
        ("declared_base", "org/base"),
    ]
    assert model.chat_template_digest


def test_only_what_is_known_is_laid_out(tmp_path):
    folder = write_model(tmp_path / "m", _name_or_path="org/name")
    for stranger in ("modeling_evil.py", "generation_config.json", "adapter_config.json"):
        (folder / stranger).write_text("{}")
    private = tmp_path / "private"
    resolve(folder, private)
    assert {path.name for path in private.iterdir()} == {
        *("config.json", "model.safetensors", "tokenizer.json")
    }
    assert json.loads((private / "config.json").read_text()) == CONFIG
    assert private.stat().st_mode & 0o777 == 0o700


def test_digests_follow_content_and_nothing_else(tmp_path):
    first = resolve(write_model(tmp_path / "a"))
    copy = write_model(tmp_path / "b")
    (copy / "README.md").write_text("another card")
    assert resolve(copy).content_digest == first.content_digest
    (copy / "tokenizer.json").write_text("{}")
    retold = resolve(copy, tmp_path / "p1")
    assert retold.content_digest != first.content_digest
    assert retold.weights_digest == first.weights_digest
    save_file(
        TENSORS | {"model.norm.weight": TENSORS["model.norm.weight"] * 2},
        copy / "model.safetensors",
    )
    assert resolve(copy, tmp_path / "p2").weights_digest != first.weights_digest


def without_config(folder):
    (folder / "config.json").unlink()


def pickled(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def empty(folder):
    for path in folder.iterdir():
        path.unlink()


def with_auto_map(folder):
    (folder / "config.json").write_bytes(config_bytes(auto_map={"AutoModel": "x.Y"}))


def with_outside_index(folder):
    shard_model(folder, dict.fromkeys(TENSORS, "../other/model.safetensors"))


def truncated(folder):
    os.truncate(folder / "model.safetensors", 100)


def oversized(folder):
    (folder / "config.json").write_bytes(config_bytes(vocab_size=2_000_000, hidden_size=4_096))


def borrowed_config(folder):
    (folder / "config.json").unlink()
    (folder / "config.json").symlink_to("/etc/hostname")


def without_tokenizer(folder):
    (folder / "tokenizer.json").unlink()


def huge_config(folder):
    (folder / "config.json").write_bytes(b" " * 2 * 1024**2)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (without_config, "not_a_model"),
        (empty, "not_a_model"),
        (pickled, "pickle_only"),
        (with_auto_map, "config_refused"),
        (with_outside_index, "index_outside_folder"),
        (truncated, "bad_safetensors"),
        (oversized, "config_refused"),
        (borrowed_config, "file_outside_folder"),
        (without_tokenizer, "no_tokenizer"),
        (huge_config, "file_too_large"),
    ],
)
def test_a_spoiled_model_has_a_code_of_its_own(tmp_path, spoil, code):
    folder = write_model(tmp_path / "m")
    spoil(folder)
    assert refusal(folder) == code


def test_limits_and_folders_are_checked(tmp_path):
    folder = write_model(tmp_path / "m")
    assert refusal(folder, Limits(max_files=2)) == "too_many_files"
    with pytest.raises(InputError, match="no_such_directory"):
        resolve(tmp_path / "none")
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "left-over").touch()
    with pytest.raises(SetupError, match="private_not_empty"):
        resolve(folder, tmp_path / "private")


def test_a_folder_that_moves_is_said_to_move(tmp_path):
    folder = write_model(tmp_path / "m")
    save_file({"x": np.zeros(10_000_000, np.float32)}, folder / "model.safetensors")
    stop = threading.Event()

    def keep_touching():
        for time in itertools.count():
            os.utime(folder / "config.json", ns=(time, time))
            if stop.is_set():
                return

    mover = threading.Thread(target=keep_touching)
    mover.start()
    try:
        with pytest.raises(ModelError, match="changed_while_reading"):
            resolve(folder)
    finally:
        stop.set()
        mover.join()


def save_tokenizer(folder):
    special = {"unk_token": "<unk>", "eos_token": "</s>"}
    vocab = {"<unk>": 0, "</s>": 1, "a": 2, "b": 3}
    tokenizer = Tokenizer(models.WordLevel(vocab, "<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(folder)


def llama():
    size = {"hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 2}
    return LlamaForCausalLM(LlamaConfig(**size, num_attention_heads=2, vocab_size=4))


def t5():
    size = {"d_model": 8, "d_kv": 4, "d_ff": 16, "num_layers": 2, "num_heads": 2}
    return T5ForConditionalGeneration(T5Config(**size, vocab_size=4, decoder_start_token_id=0))


@pytest.mark.parametrize(
    ("build", "auto", "kind"),
    [(llama, AutoModelForCausalLM, "causal"), (t5, AutoModelForSeq2SeqLM, "seq2seq")],
)
@pytest.mark.parametrize("max_shard_size", ["1GB", "1KB"])
def test_transformers_loads_what_is_laid_out(tmp_path, build, auto, kind, max_shard_size):
    model = build().eval()
    folder, private = tmp_path / "m", tmp_path / "private"
    model.save_pretrained(folder, max_shard_size=max_shard_size)
    save_tokenizer(folder)
    resolved = resolve(folder, private)
    assert resolved.kind == kind
    assert resolved.n_parameters == sum(p.numel() for p in model.parameters())
    loaded = auto.from_pretrained(private, local_files_only=True, use_safetensors=True).eval()
    tokens = AutoTokenizer.from_pretrained(private)("a b", return_tensors="pt").input_ids
    inputs = {"input_ids": tokens}
    if kind == "seq2seq":
        inputs["decoder_input_ids"] = tokens
    with torch.inference_mode():
        assert torch.equal(loaded(**inputs).logits, model(**inputs).logits)


def test_neither_torch_nor_transformers_is_imported():
    code = (
        "import sys, workers.sources.local; "
        "sys.exit(bool({'torch', 'transformers', 'numpy'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
