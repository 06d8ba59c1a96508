import os

import pytest

from app.errors import ModelError
from tests.workers.models import TENSORS, names, shard_model, write_model
from workers.sources.resolved import Limits
from workers.sources.weights import gather_weights, refuse_without_weights

LIMITS = Limits()


@pytest.fixture
def private(tmp_path):
    (tmp_path / "private").mkdir()
    return tmp_path / "private"


def gather(folder, private, limits=LIMITS):
    return gather_weights(folder, private, names(folder), limits)


def refusal(folder, private, limits=LIMITS):
    with pytest.raises(ModelError) as error:
        gather(folder, private, limits)
    return error.value.code


def test_one_file_and_shards_hold_the_same_numbers(tmp_path, private):
    whole = gather(write_model(tmp_path / "a"), private)
    assert list(whole.digests) == ["model.safetensors"]
    (tmp_path / "private-2").mkdir()
    sharded = gather(shard_model(write_model(tmp_path / "b")), tmp_path / "private-2")
    assert len(sharded.digests) == 2
    assert whole.n_parameters == sharded.n_parameters == sum(t.size for t in TENSORS.values())
    assert sorted(path.name for path in (tmp_path / "private-2").iterdir()) == [
        "model-1-of-2.safetensors",
        "model-2-of-2.safetensors",
        "model.safetensors.index.json",
    ]


def test_a_borrowing_index_is_refused(tmp_path, private):
    other = write_model(tmp_path / "other") / "model.safetensors"
    for number, shard in enumerate(("../other/model.safetensors", str(other), "x/../../other")):
        borrowed = dict.fromkeys(TENSORS, shard)
        folder = shard_model(write_model(tmp_path / f"m{number}"), borrowed)
        assert refusal(folder, private) == "index_outside_folder"


def test_a_borrowing_link_is_refused(tmp_path, private):
    other = write_model(tmp_path / "other") / "model.safetensors"
    folder = shard_model(write_model(tmp_path / "m"), dict.fromkeys(TENSORS, "x.safetensors"))
    (folder / "x.safetensors").symlink_to(other)
    assert refusal(folder, private) == "index_outside_folder"
    single = write_model(tmp_path / "single")
    (single / "model.safetensors").unlink()
    (single / "model.safetensors").symlink_to(other)
    assert refusal(single, private) == "file_outside_folder"
    assert not list(private.iterdir())


def test_a_link_inside_the_folder_is_followed(tmp_path, private):
    folder = write_model(tmp_path / "m")
    (folder / "blobs").mkdir()
    (folder / "model.safetensors").rename(folder / "blobs" / "0")
    (folder / "model.safetensors").symlink_to("blobs/0")
    assert gather(folder, private).n_parameters == 264


@pytest.mark.parametrize(
    "weight_map",
    [
        {"model.norm.weight": "none.safetensors"},
        {"model.norm.weight": "model-1-of-2.safetensors"},
        {"model.norm.weight": "model.bin"},
        {},
    ],
)
def test_a_false_index_is_refused(tmp_path, private, weight_map):
    assert refusal(shard_model(write_model(tmp_path / "m"), weight_map), private) == "bad_index"


def test_an_index_beside_a_single_file_is_refused(tmp_path, private):
    folder = shard_model(write_model(tmp_path / "m"))
    os.link(folder / "model-1-of-2.safetensors", folder / "model.safetensors")
    assert refusal(folder, private) == "bad_index"


def test_damaged_and_large_weights_are_refused(tmp_path, private):
    folder = write_model(tmp_path / "m")
    size = (folder / "model.safetensors").stat().st_size
    assert refusal(folder, private, Limits(max_weight_bytes=size - 1)) == "too_large"
    (private / "model.safetensors").unlink()
    os.truncate(folder / "model.safetensors", size - 1)
    assert refusal(folder, private) == "bad_safetensors"


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ({"config.json", "pytorch_model.bin"}, "pickle_only"),
        ({"config.json", "model.ckpt", "weights.safetensors"}, "pickle_only"),
        ({"config.json", "adapter_model.safetensors"}, "not_a_model"),
        ({"config.json"}, "not_a_model"),
    ],
)
def test_nothing_to_load_is_refused(found, code):
    with pytest.raises(ModelError) as error:
        refuse_without_weights(frozenset(found))
    assert error.value.code == code
    refuse_without_weights(frozenset(found | {"model.safetensors"}))
