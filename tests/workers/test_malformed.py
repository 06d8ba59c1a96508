"""Malformed and hostile repositories, each through the real worker: every one ends in its code,
soon, with a message that is safe to print, the worker alive and nothing left on disk.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.dna.protocol import defaults
from app.errors import GenebankError
from app.hub.client import Hub
from app.queue import WorkerConfig
from app.store import entries, jobs
from app.store.database import Database
from app.store.schema import upgrade
from tests.registering import NO_HUB, register_local
from tests.tiny_model import write_model
from tests.workers.damage import (
    INDEX,
    QUERY,
    WEIGHTS,
    Damage,
    adapter,
    both,
    config,
    crowd,
    cut,
    directory,
    drop,
    edit,
    grow,
    header,
    index,
    link,
    pipe,
    rename,
    template,
    tensor,
    tokenizer,
    weights,
    write,
)
from workers.extraction import Extraction, Tools
from workers.nest import Nest
from workers.supervision import ChildFaultError

LONGEST_S = 30.0
NORM = "model.norm.weight"
ENTRY = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
GPTQ = {"quant_method": "gptq", "bits": 4, "group_size": 8}
INT8 = {"quant_method": "bitsandbytes", "load_in_8bit": True}
LONG = "{% for i in range(3000) %}a{% endfor %}"
ENDLESS = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
RECURSIVE = "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"


def split(pattern: str) -> Damage:
    """A tokenizer that cuts texts by an expression."""
    cut = {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}
    byte_level = {
        "type": "ByteLevel",
        "add_prefix_space": False,
        "trim_offsets": True,
        "use_regex": False,
    }
    return tokenizer(pre_tokenizer={"type": "Sequence", "pretokenizers": [cut, byte_level]})


def replacing(old: str, *new: str) -> Damage:
    """A tokenizer that first replaces text, once by each of `new`."""
    steps = [{"type": "Replace", "pattern": {"Regex": old}, "content": one} for one in new]
    return tokenizer(normalizer={"type": "Sequence", "normalizers": steps})


def vocabulary(size: int, first: int = 0) -> Damage:
    """A tokenizer of `size` tokens, from the id `first`."""
    words = {f"w{n}": first + n for n in range(size)} | {"<s>": first + size}
    model = {"type": "WordLevel", "vocab": words, "unk_token": "<s>"}
    return tokenizer(model=model, added_tokens=[])


def nan(tensor: np.ndarray) -> np.ndarray:
    return np.full_like(tensor, np.nan)


def infinite(tensor: np.ndarray) -> np.ndarray:
    return np.full_like(tensor, np.inf)


def widened(tensor: np.ndarray) -> np.ndarray:
    return np.concatenate([tensor, tensor])


CASES: dict[str, tuple[Damage, str]] = {
    # the folder
    "nothing of a model": (drop("config.json", WEIGHTS), "not_a_model"),
    "no config": (drop("config.json"), "not_a_model"),
    "no weights": (drop(WEIGHTS), "not_a_model"),
    "pickled weights only": (rename(WEIGHTS, "pytorch_model.bin"), "pickle_only"),
    "a crowd of files": (crowd(1_001), "too_many_files"),
    "config is a link out": (link("config.json", "/etc/hostname"), "file_outside_folder"),
    "config is a link to nothing": (link("config.json", "nothing"), "unreadable"),
    "config is a pipe": (pipe("config.json"), "not_a_plain_file"),
    "weights are a device": (link(WEIGHTS, "/dev/zero"), "file_outside_folder"),
    "weights are a directory": (directory(WEIGHTS), "not_a_plain_file"),
    "tokenizer is a link out": (
        link("tokenizer.json", "/proc/self/environ"),
        "file_outside_folder",
    ),
    # config.json
    "config is no JSON": (write("config.json", "{"), "config_refused"),
    "config is a list": (write("config.json", "[]"), "config_refused"),
    "config is binary": (write("config.json", b"\xff\xfe{}"), "config_refused"),
    "config is large": (write("config.json", " " * (2 << 20)), "file_too_large"),
    "config is deep": (
        write("config.json", '{"a":' * 20_000 + "1" + "}" * 20_000),
        "config_refused",
    ),
    "config has a key twice": (write("config.json", '{"a": 1, "a": 2}'), "config_refused"),
    "config holds NaN": (write("config.json", '{"a": NaN}'), "config_refused"),
    "config brings code": (config(auto_map={"AutoModel": "evil.Model"}), "config_refused"),
    "config brings a kernel": (config(attn_implementation="evil/kernel"), "config_refused"),
    "config names other weights": (config(transformers_weights="../x"), "config_refused"),
    "type is missing": (config(model_type=None), "config_refused"),
    "type has escapes": (config(model_type="\x1b[2J<b>"), "unsupported_architecture"),
    "type does not write": (config(model_type="bert"), "unsupported_architecture"),
    "head does not write": (
        config(architectures=["LlamaForTokenClassification"]),
        "unsupported_architecture",
    ),
    "config holds another": (
        config(text_config={"model_type": "llama"}),
        "unsupported_architecture",
    ),
    "ten million layers": (config(num_hidden_layers=10**7), "config_refused"),
    "no layers": (config(num_hidden_layers=0), "config_refused"),
    "a width of text": (config(hidden_size="8"), "config_refused"),
    "a number of a thousand digits": (config(seed=10**1_000), "config_refused"),
    "larger than its weights": (config(hidden_size=8_192, vocab_size=100_000), "config_refused"),
    "one layer too many": (config(num_hidden_layers=2), "weights_incomplete"),
    "heads that do not divide": (config(num_attention_heads=3), "load_failed"),
    "an unknown activation": (config(hidden_act="evil"), "load_failed"),
    "an epsilon of text": (config(rms_norm_eps="tiny"), "load_failed"),
    "a rotation of nonsense": (config(rope_scaling={"rope_type": "evil"}), "load_failed"),
    "room for four tokens": (config(max_position_embeddings=4), "context_too_short"),
    # weights
    "weights are cut short": (cut(WEIGHTS, 1_000), "bad_safetensors"),
    "weights are empty": (cut(WEIGHTS, 0), "bad_safetensors"),
    "weights are a web page": (write(WEIGHTS, "<!doctype html>" * 99), "bad_safetensors"),
    "a header of 8 EiB": (write(WEIGHTS, b"\xff" * 7 + b"\x7f{}"), "bad_safetensors"),
    "a header without tensors": (header({}), "bad_safetensors"),
    "a header of nonsense": (header(b"{nonsense"), "bad_safetensors"),
    "a header that is deep": (header(b'{"a":' * 9_999 + b"1" + b"}" * 9_999), "bad_safetensors"),
    "tensors overlap": (header({"a": ENTRY, "b": ENTRY}, b"\0" * 8), "bad_safetensors"),
    "a tensor beyond the file": (header({"a": ENTRY}), "bad_safetensors"),
    "a tensor larger than its bytes": (
        header({"a": ENTRY | {"shape": [2**40]}}, b"\0" * 8),
        "bad_safetensors",
    ),
    "an unknown dtype": (header({"a": ENTRY | {"dtype": "F31"}}, b"\0" * 8), "bad_safetensors"),
    "weights of another model": (header({"a": ENTRY}, b"\0" * 8), "weights_incomplete"),
    "a tensor is missing": (tensor(QUERY, None), "weights_incomplete"),
    "a tensor of another shape": (tensor(NORM, widened), "weights_incomplete"),
    "weights are not numbers": (tensor(NORM, nan), "nan_logits"),
    "weights are infinite": (tensor(NORM, infinite), "nan_logits"),
    # index
    "index points outside": (index({QUERY: "../other.safetensors"}), "index_outside_folder"),
    "index points at a link out": (
        both(
            index({QUERY: "a.safetensors"}),
            lambda at: (at / "a.safetensors").symlink_to("/etc/hostname"),
        ),
        "index_outside_folder",
    ),
    "index is no JSON": (both(index({}), write(INDEX, "{")), "bad_index"),
    "index is empty": (index({}), "bad_index"),
    "index names a missing shard": (index({QUERY: "model-2-of-2.safetensors"}), "bad_index"),
    "index names a missing tensor": (index({"a": "model-1-of-1.safetensors"}), "bad_index"),
    "index names escapes": (index({QUERY: "\x1b]0;evil\x07.safetensors"}), "bad_index"),
    "index names pickles": (index({QUERY: "pytorch_model.bin"}), "bad_index"),
    # tokenizer
    "tokenizer is large": (grow("tokenizer.json", 65 << 20), "file_too_large"),
    "no tokenizer": (drop("tokenizer.json"), "no_tokenizer"),
    "tokenizer is no JSON": (write("tokenizer.json", "{"), "bad_tokenizer"),
    "tokenizer is nothing": (write("tokenizer.json", "{}"), "load_failed"),
    "tokenizer is deep": (
        write("tokenizer.json", '{"a":' * 20_000 + "1" + "}" * 20_000),
        "bad_tokenizer",
    ),
    "tokenizer brings code": (
        edit("tokenizer_config.json", {"auto_map": {"a": "b"}}),
        "bad_tokenizer",
    ),
    "tokenizer is a model": (
        edit("tokenizer_config.json", {"tokenizer_class": "LlamaModel"}),
        "bad_tokenizer",
    ),
    "tokenizer of another model": (vocabulary(10, first=5_000), "tokenizer_mismatch"),
    "tokenizer of many tokens": (vocabulary(200_000), "tokenizer_mismatch"),
    "tokenizer drops letters": (replacing("[aeiou]", ""), "text_dropped"),
    "tokenizer panics": (
        tokenizer(normalizer={"type": "Precompiled", "precompiled_charsmap": "AAAAAWFiYw=="}),
        "load_failed",
    ),
    "tokenizer grows texts": (replacing("a", "a" * 1_000, "a" * 1_000_000), "out_of_memory"),
    "expression is broken": (split("("), "load_failed"),
    "expression backtracks for ever": (
        both(split("(a+)+(?<=b)"), template(LONG)),
        "tokenizer_failed",
    ),
    "expression backtracks from each letter": (
        both(split("a*a*(?<=b)"), template(LONG)),
        "crashed",
    ),
    # chat template
    "template is not text": (edit("tokenizer_config.json", {"chat_template": 7}), "bad_tokenizer"),
    "template is large": (template(" " * (2 << 20)), "file_too_large"),
    "template is broken": (template("{% for %}"), "chat_template_failed"),
    "template is deep": (
        template("{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}"),
        "chat_template_failed",
    ),
    "template raises": (template("{{ raise_exception('no') }}"), "chat_template_failed"),
    "template reaches out": (template("{{ ''.__class__.__mro__ }}"), "chat_template_failed"),
    "template calls itself": (template(RECURSIVE), "chat_template_failed"),
    "template never ends": (template(ENDLESS), "chat_template_failed"),
    "template reckons for ever": (template("{{ 9 ** (9 ** 9) }}"), "crashed"),
    "template writes a book": (
        template("{% for i in range(99999) %}a{% endfor %}"),
        "prompt_too_long",
    ),
    "template takes memory": (template("{{ ('a' * 6000000000)|length }}"), "out_of_memory"),
    # adapter
    "adapter without a base": (adapter(""), "bad_adapter"),
    "adapter on a base outside": (adapter("/etc"), "outside_roots"),
    "adapter on nothing": (adapter("../none"), "no_such_directory"),
    "adapter on itself": (adapter("."), "not_a_model"),
    "adapter is garbled": (
        both(adapter("../base"), write("adapter_config.json", "{")),
        "bad_adapter",
    ),
    "adapter is pickled": (
        both(adapter("../base"), rename("adapter_model.safetensors", "adapter_model.bin")),
        "pickle_only",
    ),
    "adapter is cut short": (
        both(adapter("../base"), cut("adapter_model.safetensors", 99)),
        "bad_safetensors",
    ),
    "adapter is another method": (
        adapter("../base", peft_type="PROMPT_TUNING"),
        "unsupported_adapter",
    ),
    "adapter is DoRA": (adapter("../base", use_dora=True), "unsupported_adapter"),
    "adapter of another rank": (adapter("../base", r=3), "adapter_mismatch"),
    "adapter for more layers": (
        adapter(
            "../base",
            lambda tensors: tensors.update(
                {"model.layers.9.a.lora_A.weight": np.ones((2, 8), "f4")}
            ),
        ),
        "adapter_mismatch",
    ),
    # quantised weights
    "a quantisation nobody knows": (
        config(quantization_config={"quant_method": "hqq"}),
        "unsupported_quantisation",
    ),
    "a quantisation of nonsense": (config(quantization_config=[4]), "config_refused"),
    "settings of nonsense": (
        config(quantization_config=GPTQ | {"group_size": 0}),
        "config_refused",
    ),
    "packed weights without settings": (
        weights(lambda tensors: tensors.update({"a.SCB": np.ones(8, "f4")})),
        "config_refused",
    ),
    "packed weights without scales": (
        both(config(quantization_config=INT8), tensor(QUERY, lambda old: old.astype("i1"))),
        "bad_quantisation",
    ),
    "scales that do not fit": (
        both(
            config(quantization_config=INT8),
            tensor(QUERY, lambda old: old.astype("i1")),
            weights(lambda tensors: tensors.update({f"{QUERY[:-7]}.SCB": np.ones(3, "f4")})),
        ),
        "bad_quantisation",
    ),
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One for all: making it takes longer than most of the tests."""
    opened = Database(f"sqlite:///{tmp_path_factory.mktemp('malformed') / 'genebank.db'}")
    upgrade(opened)
    yield opened
    opened.close()


@pytest.fixture
def tools(database: Database, nest: Nest, config: WorkerConfig) -> Tools:
    # No job is claimed twice, and what takes memory is soon found out.
    tight = replace(config, job_memory_mb=1_500, lease_s=3_600.0)
    return Tools(database, tight, nest, Hub(NO_HUB), threading.Event())


def outcome(tools: Tools, folder: Path) -> tuple[str, str]:
    """Submit a folder and do its job; the code and the detail of how it ended."""
    try:
        registered = register_local(tools.database, folder)
        with tools.database.write() as session:
            job = jobs.claim(session, "test", tools.config.lease_s)
        assert job is not None
        assert job.model_id == registered.model.id
        Extraction(tools, job).run()
    except (GenebankError, ChildFaultError) as error:
        return error.code, error.detail
    return "succeeded", ""


def n_entries(tools: Tools) -> int:
    with tools.database.read() as session:
        return sum(entries.count(session, protocol.digest) for protocol in defaults())


def left_behind(tools: Tools) -> list[str]:
    data = tools.config.data_dir
    return [str(path.relative_to(data)) for path in data.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", CASES)
def test_a_malformed_model_ends_in_its_code(tools: Tools, tmp_path: Path, name: str) -> None:
    damage, code = CASES[name]
    folder = write_model(tmp_path / "models" / "one", seed=1)
    damage(folder)
    before, began = n_entries(tools), time.monotonic()
    found, detail = outcome(tools, folder)
    assert found == code, detail
    assert time.monotonic() - began < LONGEST_S
    assert detail.isprintable()
    assert len(detail) <= 2_000
    assert str(tmp_path) not in detail
    assert left_behind(tools) == []
    assert n_entries(tools) == before


def whole(tensors: dict[str, np.ndarray]) -> None:
    """Pack one layer of the tiny model in 8 bits."""
    maxima = np.abs(tensors[QUERY]).max(axis=1)
    tensors[QUERY] = np.rint(tensors[QUERY] * 127 / maxima[:, None]).astype("i1")
    tensors[f"{QUERY.removesuffix('weight')}SCB"] = maxima


GOOD: dict[str, Damage] = {
    "nothing": both(),
    "an adapter": adapter("../base"),
    "an adapter with escapes in its name": both(adapter("../base"), write("\x1b[2J", "")),
    "packed weights": both(config(quantization_config=INT8), weights(whole)),
    "packed settings without packed weights": config(quantization_config=GPTQ),
}


@pytest.mark.parametrize("name", GOOD)
def test_the_worker_still_works(tools: Tools, tmp_path: Path, name: str) -> None:
    folder = write_model(tmp_path / "models" / "good", seed=1)
    GOOD[name](folder)
    assert outcome(tools, folder) == ("succeeded", "")
