import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import ModelError
from workers.vetting.safetensors_header import Header, Tensor
from workers.vetting.weight_index import check_shards, read_weight_map


def index(weight_map):
    return json.dumps({"metadata": {"total_size": 4}, "weight_map": weight_map}).encode()


def refusal(raw):
    with pytest.raises(ModelError) as error:
        read_weight_map(raw)
    return error.value.code


def header(*names):
    return Header({name: Tensor("U8", (1,), n, n + 1) for n, name in enumerate(names)}, len(names))


def test_plain_names_pass():
    weight_map = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    assert read_weight_map(index(weight_map)) == weight_map


@pytest.mark.parametrize(
    "shard",
    [
        "../other/model.safetensors",
        "/srv/models/other/model.safetensors",
        "sub/model.safetensors",
        "..\\model.safetensors",
        "C:\\model.safetensors",
        "..",
    ],
)
def test_paths_are_outside(shard):
    assert refusal(index({"a": "model.safetensors", "b": shard})) == "index_outside_folder"


@pytest.mark.parametrize(
    "shard", ["model.bin", "", ".", "a b.safetensors", "é.safetensors", 7, None]
)
def test_other_names_are_bad(shard):
    assert refusal(index({"a": shard})) == "bad_index"


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[]", b'{"weight_map": []}', b'{"weight_map": {}}', index({"a": "x"})[:-1]]
)
def test_what_is_no_index_is_bad(raw):
    assert refusal(raw) == "bad_index"


def test_a_key_twice_is_bad():
    assert refusal(b'{"weight_map": {"a": "x.safetensors", "a": "y.safetensors"}}') == "bad_index"


@given(st.dictionaries(st.text(), st.text() | st.integers(), min_size=1))
def test_whatever_passes_is_a_plain_name(weight_map):
    try:
        shards = set(read_weight_map(index(weight_map)).values())
    except ModelError:
        return
    assert all("/" not in shard and shard.endswith(".safetensors") for shard in shards)


def test_every_tensor_must_lie_in_its_shard():
    headers = {"x": header("a"), "y": header("b")}
    check_shards({"a": "x", "b": "y"}, headers)
    check_shards({"a": "x"}, {"x": header("a", "extra")})
    for wrong in ({"a": "y", "b": "y"}, {"a": "x", "c": "y"}):
        with pytest.raises(ModelError, match="bad_index"):
            check_shards(wrong, headers)


def test_a_tensor_in_two_shards_is_bad():
    with pytest.raises(ModelError, match="which shard"):
        check_shards({"a": "x", "b": "y"}, {"x": header("a"), "y": header("a", "b")})
