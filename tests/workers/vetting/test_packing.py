import pytest

from app.errors import ModelError
from workers.vetting.packing import grouped, n_parameters, refuse_remnants
from workers.vetting.safetensors_header import ITEM_BYTES, Tensor

# of a linear layer of 64 inputs and 32 outputs, by method and size of a packed number
STORED = {
    ("gptq", 4): {
        "q.qweight": ("I32", (8, 32)),
        "q.qzeros": ("I32", (1, 4)),
        "q.scales": ("F16", (1, 32)),
        "q.g_idx": ("I32", (64,)),
    },
    ("gptq", 3): {"q.qweight": ("I32", (6, 32)), "q.scales": ("F16", (1, 32))},
    ("awq", 4): {"q.qweight": ("I32", (64, 4)), "q.qzeros": ("I32", (1, 4))},
    ("fp8", 8): {
        "q.weight": ("F8_E4M3", (32, 64)),
        "q.weight_scale_inv": ("F32", (1, 1)),
        "q.activation_scale": ("F32", ()),
    },
    ("mxfp4", 4): {
        "q.weight_blocks": ("U8", (1, 32, 2, 16)),
        "q.weight_scales": ("U8", (1, 32, 2)),
    },
    ("bitsandbytes", 4): {
        "q.weight": ("U8", (1_024, 1)),
        "q.weight.absmax": ("F32", (32,)),
        "q.weight.quant_map": ("F32", (16,)),
        "q.weight.quant_state.bitsandbytes__nf4": ("U8", (80,)),
    },
    ("bitsandbytes", 8): {"q.weight": ("I8", (32, 64)), "q.SCB": ("F32", (32,))},
    ("compressed-tensors", 4): {
        "q.weight_packed": ("I32", (32, 8)),
        "q.weight_scale": ("BF16", (32, 1)),
        "q.weight_shape": ("I64", (2,)),
    },
}


def header(stored):
    sizes = {name: ITEM_BYTES[dtype] for name, (dtype, _) in stored.items()}
    return {
        name: Tensor(dtype, shape, 0, sizes[name] * (shape[0] if shape else 1))
        for name, (dtype, shape) in stored.items()
    }


@pytest.mark.parametrize(("method", "bits"), STORED)
def test_a_layer_is_one_weight_and_is_counted_unpacked(method, bits):
    stored = STORED[method, bits] | {"norm.weight": ("F32", (64,)), "q.bias": ("F32", (32,))}
    groups = grouped(stored, method)
    assert set(groups) == {"q.weight", "q.bias", "norm.weight"}
    assert groups["norm.weight"] == {"weight": "norm.weight"}
    assert n_parameters(header(stored), method, bits) == 64 * 32 + 64 + 32


def test_bytes_of_another_dtype_count_as_bytes():
    stored = STORED["bitsandbytes", 4] | {"q.weight": ("BF16", (512, 1))}
    assert n_parameters(header(stored), "bitsandbytes", 4) == 64 * 32


@pytest.mark.parametrize(("method", "bits"), [one for one in STORED if one[0] != "mxfp4"])
def test_packed_weights_without_their_settings_are_refused(method, bits):
    with pytest.raises(ModelError, match="config_refused"):
        refuse_remnants(STORED[method, bits])
    refuse_remnants(["q.weight", "q.bias", "scale.weight", "blocks.0.weight"])
