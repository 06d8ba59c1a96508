import pytest

from app.errors import ModelError
from app.hub.model import HubFile
from app.hub.selection import (
    MAX_SMALL_BYTES,
    check_weight_bytes,
    indexed,
    likely_weights,
    select,
    weight_bytes,
)
from workers.sources import tokenizer_files
from workers.vetting import weight_index

MODEL = ("config.json", "tokenizer.json")
ADAPTER = ("adapter_config.json", "adapter_model.safetensors")
SHARDS = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
INDEX = "model.safetensors.index.json"


def files(*names, size=10):
    return [HubFile(name, size, None, "0" * 40) for name in names]


def selected(*names):
    return [file.path for file in select(files(*names))]


def refusal(*names):
    with pytest.raises(ModelError) as error:
        select(files(*names))
    return error.value.code


def test_what_the_worker_takes_is_fetched():
    assert max(*tokenizer_files.MAX_BYTES.values(), weight_index.MAX_BYTES) <= MAX_SMALL_BYTES


def test_code_pickles_folders_and_other_weights_stay_behind():
    strangers = ("modeling_x.py", "pytorch_model.bin", "onnx/model.onnx", "original/x.safetensors")
    more = ("consolidated.safetensors", "training_args.bin", ".gitattributes", "../config.json")
    chosen = selected(*strangers, *more, *MODEL, "model.safetensors", "README.md")
    assert chosen == ["README.md", "config.json", "tokenizer.json", "model.safetensors"]


def test_one_file_of_weights_hides_shards_and_adapter():
    chosen = selected(*MODEL, INDEX, *SHARDS, *ADAPTER, "model.safetensors")
    assert chosen == ["config.json", "tokenizer.json", "model.safetensors"]


def test_the_index_says_which_shards():
    chosen = select(files(*MODEL, INDEX, *SHARDS, "consolidated.safetensors", *ADAPTER))
    assert weight_bytes(likely_weights(chosen)) == 20
    assert weight_bytes(chosen) == 30
    assert ADAPTER[1] not in {file.path for file in chosen}
    index = b'{"weight_map": {"a": "%s", "b": "%s"}}' % tuple(map(str.encode, SHARDS))
    left = [file.path for file in indexed(chosen, index)]
    assert left == ["config.json", INDEX, "tokenizer.json", *SHARDS]


@pytest.mark.parametrize(
    "index", [b"{}", b'{"a": "x.safetensors"}', b'{"a": "../model.safetensors"}', b'"\xff"']
)
def test_an_index_of_strange_files_is_refused(index):
    chosen = select(files(*MODEL, INDEX, *SHARDS))
    with pytest.raises(ModelError, match="bad_index"):
        indexed(chosen, index)


def test_an_adapter_is_a_model():
    assert selected(*ADAPTER, "README.md", "config.json", "tokenizer.json") == [
        *("README.md", "adapter_config.json", "tokenizer.json", "adapter_model.safetensors")
    ]


@pytest.mark.parametrize(
    ("names", "code"),
    [
        ((), "not_a_model"),
        (("README.md", "model.gguf"), "not_a_model"),
        ((*MODEL, "pytorch_model.bin"), "pickle_only"),
        (("adapter_config.json", "adapter_model.bin"), "pickle_only"),
        ((*MODEL, "old/pytorch_model.bin"), "not_a_model"),
        ((*MODEL, "sub/model.safetensors"), "not_a_model"),
        (("tokenizer.json", "model.safetensors"), "not_a_model"),
        (("config.json", "model.safetensors"), "no_tokenizer"),
        (("adapter_model.safetensors",), "not_a_model"),
    ],
)
def test_what_cannot_be_used_is_refused(names, code):
    assert refusal(*names) == code


def test_only_weights_may_be_large():
    large = files("README.md", size=MAX_SMALL_BYTES + 1)
    with pytest.raises(ModelError, match="file_too_large"):
        select([*files(*MODEL), *files("model.safetensors", size=1 << 40), *large])
    chosen = select([*files(*MODEL), *files("model.safetensors", size=1 << 40)])
    with pytest.raises(ModelError, match="too_large"):
        check_weight_bytes(weight_bytes(chosen), (1 << 40) - 1)
    check_weight_bytes(weight_bytes(chosen), 1 << 40)
