import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import ModelError
from workers.vetting.data import FaultyDataError
from workers.vetting.quantisation import Quantisation, vet_quantisation


def packed(**weights):
    """Settings of compressed-tensors with one group."""
    group = {"targets": ["Linear"], "weights": {"num_bits": 4, "type": "int", **weights}}
    return {
        "quant_method": "compressed-tensors",
        "format": "pack-quantized",
        "config_groups": {"group_0": group},
    }


GPTQ = {"quant_method": "gptq", "bits": 4, "group_size": 128}
FP8 = {"quant_method": "fp8", "activation_scheme": "dynamic", "weight_block_size": [128, 64]}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (None, None),
        (FP8, Quantisation("fp8", 8, (128, 64))),
        (FP8 | {"weight_block_size": None}, Quantisation("fp8", 8, (128, 128))),
        ({"quant_method": "mxfp4"}, Quantisation("mxfp4", 4)),
        (GPTQ, Quantisation("gptq", 4, (1, 128), zero_step=1)),
        (GPTQ | {"group_size": -1}, Quantisation("gptq", 4, (1, 0), zero_step=1)),
        (GPTQ | {"checkpoint_format": "gptq_v2"}, Quantisation("gptq", 4, (1, 128))),
        (
            {"quant_method": "awq", "bits": 4, "group_size": 128, "version": "GEMM"},
            Quantisation("awq", 4, (1, 128)),
        ),
        ({"load_in_4bit": True}, Quantisation("bitsandbytes", 4)),
        ({"quant_method": "bitsandbytes"}, Quantisation("bitsandbytes", 8)),
        (packed(group_size=32), Quantisation("compressed-tensors", 4, (1, 32))),
        (packed(block_structure=[8, 16]), Quantisation("compressed-tensors", 4, (8, 16))),
        (packed() | {"transform_config": {}}, Quantisation("compressed-tensors", 4, (1, 0))),
    ],
)
def test_numbers_are_read_and_nothing_else(config, expected):
    assert vet_quantisation(config) == expected
    if expected is not None:
        assert vet_quantisation(config | {"kernel": "evil/kernel"}) == expected
        assert Quantisation.from_json(json.loads(json.dumps(expected.to_json()))) == expected


@pytest.mark.parametrize(
    ("config", "word"),
    [
        ({}, "quant_method"),
        ({"quant_method": "hqq"}, "hqq"),
        ({"quant_method": ["fp8"]}, "fp8"),
        (FP8 | {"expert_dtype": "fp4"}, "experts"),
        (GPTQ | {"bits": 5}, "bits"),
        (GPTQ | {"bits": True}, "bits"),
        (GPTQ | {"dynamic": {"+:q_proj": {"bits": 8}}}, "different ways"),
        (GPTQ | {"checkpoint_format": "marlin"}, "marlin"),
        ({"quant_method": "awq", "bits": 4, "version": "gemv"}, "gemv"),
        (packed() | {"format": "nvfp4-pack-quantized"}, "nvfp4"),
        (packed(num_bits=16), "num_bits"),
        (packed() | {"transform_config": {"config_groups": {"a": 1}}}, "transform_config"),
        (packed() | {"sparsity_config": {"format": "sparse-bitmask"}}, "sparsity_config"),
        (
            packed()
            | {
                "config_groups": {
                    "a": packed()["config_groups"]["group_0"],
                    "b": packed(num_bits=8)["config_groups"]["group_0"],
                }
            },
            "different ways",
        ),
    ],
)
def test_what_cannot_be_unpacked_exactly_is_refused(config, word):
    with pytest.raises(ModelError) as error:
        vet_quantisation(config)
    assert error.value.code == "unsupported_quantisation"
    assert word in error.value.detail


@pytest.mark.parametrize(
    "config",
    [
        "fp8",
        FP8 | {"weight_block_size": [0, 128]},
        FP8 | {"weight_block_size": [128]},
        FP8 | {"weight_block_size": [10**9, 1]},
        GPTQ | {"group_size": 0},
        GPTQ | {"group_size": "128"},
        packed(type="complex"),
        packed() | {"config_groups": {}},
        packed() | {"config_groups": {"a": None}},
    ],
)
def test_faulty_settings_are_refused(config):
    with pytest.raises(FaultyDataError):
        vet_quantisation(config)


keys = st.sampled_from(["bits", "group_size", "format", "config_groups", "version", "dynamic"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.sampled_from(["awq", "gptq", "fp8", "compressed-tensors"]), st.dictionaries(keys, values))
def test_any_object_is_read_or_refused(method, config):
    try:
        found = vet_quantisation(config | {"quant_method": method})
    except (ModelError, FaultyDataError):
        return
    assert found.method == method
    assert 1 <= found.bits <= 8
