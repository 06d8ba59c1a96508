"""Each formula against numbers packed here by the letter of its format, or against transformers.

They were also compared once with what the methods' own libraries unpack (bitsandbytes 0.50,
compressed-tensors 0.20, AutoGPTQ 0.7, AutoAWQ 0.2): equal to the last bit.
"""

import json

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers.integrations.finegrained_fp8 import Fp8Dequantize
from transformers.integrations.mxfp4 import convert_moe_packed_tensors

from workers.llms.unpacking import unpack, unpack_words
from workers.vetting.quantisation import Quantisation

OUTPUTS, INPUTS = 64, 96


def _seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _numbers(bits: int, *shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randint(0, 1 << bits, shape, generator=_seeded(seed))


def _factors(*shape: int) -> torch.Tensor:
    return torch.rand(shape, generator=_seeded(5)) + 0.1


def _pack_row(row: list[int], bits: int) -> list[int]:
    """One long number, lowest first, cut into signed words."""
    whole = sum(value << (place * bits) for place, value in enumerate(row))
    words = [(whole >> start) & 0xFFFFFFFF for start in range(0, len(row) * bits, 32)]
    return [word - (1 << 32) if word >> 31 else word for word in words]


def _pack(values: torch.Tensor, bits: int, axis: int) -> torch.Tensor:
    rows = [_pack_row(row, bits) for row in values.transpose(axis, -1).tolist()]
    return torch.tensor(rows, dtype=torch.int32).transpose(axis, -1).contiguous()


@given(st.integers(1, 8), st.integers(1, 3), st.integers(0, 1), st.data())
def test_what_is_packed_is_unpacked(bits: int, rows: int, axis: int, data: st.DataObject) -> None:
    row = st.lists(st.integers(0, (1 << bits) - 1), min_size=32, max_size=32)
    values = torch.tensor(data.draw(st.lists(row, min_size=rows, max_size=rows)))
    values = values.transpose(axis, -1)
    assert torch.equal(unpack_words(_pack(values, bits, axis), bits, axis), values.to(torch.uint8))


@pytest.mark.parametrize("bits", [2, 3, 4, 8])
@pytest.mark.parametrize(("form", "step"), [("gptq", 1), ("gptq_v2", 0)])
def test_gptq(bits: int, form: str, step: int) -> None:
    values, zeros = _numbers(bits, INPUTS, OUTPUTS), _numbers(bits, 3, OUTPUTS, seed=1)
    scales = _factors(3, OUTPUTS)
    tensors = {
        "packed": _pack(values, bits, 0),
        "zeros": _pack((zeros - step) % (1 << bits), bits, 1),
        "scales": scales,
    }
    order = torch.arange(INPUTS) // 32
    expected = (scales[order] * (values - zeros[order])).T
    packing = Quantisation("gptq", bits, (1, 32), step)
    assert torch.allclose(unpack(packing, tensors), expected)
    shuffled = order[torch.randperm(INPUTS, generator=_seeded())]
    expected = (scales[shuffled] * (values - zeros[shuffled])).T
    assert torch.allclose(unpack(packing, tensors | {"groups": shuffled.int()}), expected)
    one = {"zeros": tensors["zeros"][:1], "scales": scales[:1]}
    expected = (scales[0] * (values - zeros[0])).T
    assert torch.allclose(unpack(Quantisation("gptq", bits, (1, 0), step), tensors | one), expected)


def test_awq() -> None:
    values, zeros = _numbers(4, INPUTS, OUTPUTS), _numbers(4, 3, OUTPUTS, seed=1)
    scales, order = _factors(3, OUTPUTS), [0, 2, 4, 6, 1, 3, 5, 7]

    def packed(plain: torch.Tensor) -> torch.Tensor:
        return _pack(plain.reshape(len(plain), -1, 8)[:, :, order].reshape(plain.shape), 4, 1)

    tensors = {"packed": packed(values), "zeros": packed(zeros), "scales": scales}
    groups = torch.arange(INPUTS) // 32
    expected = (scales[groups] * (values - zeros[groups])).T
    assert torch.allclose(unpack(Quantisation("awq", 4, (1, 32)), tensors), expected)


def test_fp8_as_transformers_has_it() -> None:
    weight = torch.randn(256, 384, generator=_seeded()).to(torch.float8_e4m3fn)
    for scales in (_factors(2, 3), _factors(1, 1), _factors(2, 3).to(torch.bfloat16)):
        expected = Fp8Dequantize(None)._dequantize_one(weight, scales, torch.float32)
        packing = Quantisation("fp8", 8, (128, 128))
        assert torch.equal(unpack(packing, {"weight": weight, "scales": scales}), expected)


def test_fp8_with_a_last_block_cut_short_one_scale_and_experts() -> None:
    weight = torch.randn(2, 20, 9, generator=_seeded()).to(torch.float8_e4m3fn)
    scales, packing = _factors(2, 3, 2), Quantisation("fp8", 8, (8, 8))
    unpacked = unpack(packing, {"weight": weight, "scales": scales})
    for row, column in ((0, 0), (7, 8), (8, 0), (19, 8)):
        expected = weight[1, row, column].float() * scales[1, row // 8, column // 8]
        assert unpacked[1, row, column] == expected
    whole = unpack(packing, {"weight": weight, "scales": torch.tensor(0.5)})
    assert torch.equal(whole, weight.float() / 2)


def test_mxfp4_as_transformers_has_it() -> None:
    blocks = _numbers(8, 3, 32, 4, 16).to(torch.uint8)
    exponents = torch.randint(110, 135, (3, 32, 4), generator=_seeded()).to(torch.uint8)
    expected = convert_moe_packed_tensors(blocks, exponents, dtype=torch.float32)
    found = unpack(Quantisation("mxfp4", 4), {"packed": blocks, "scales": exponents})
    assert torch.equal(found, expected)


def _state(**settings: object) -> torch.Tensor:
    return torch.tensor(list(json.dumps(settings).encode()), dtype=torch.uint8)


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("stored", [torch.uint8, torch.bfloat16])
def test_4_bits_of_bitsandbytes(nested: bool, stored: torch.dtype) -> None:
    shape, size = (6, 100), 64  # 600 numbers: ten blocks, the last cut short
    codes, table = _numbers(4, 600), torch.linspace(-1, 1, 16)
    high, low = codes.reshape(-1, 2).T
    tensors = {
        "weight": (high << 4 | low).to(torch.uint8).view(stored).reshape(-1, 1),
        "map": table,
        "absmax": _factors(10),
        "state": _state(shape=shape, blocksize=size, quant_type="nf4", dtype="bfloat16"),
    }
    maxima = tensors["absmax"]
    if nested:
        tensors |= {
            "absmax": _numbers(8, 10).to(torch.uint8),
            "nested_absmax": _factors(3),
            "nested_map": torch.linspace(-1, 1, 256),
            "state": _state(shape=shape, blocksize=size, nested_blocksize=4, nested_offset=2.5),
        }
        of_four = torch.arange(10) // 4
        maxima = tensors["nested_map"][tensors["absmax"].int()]
        maxima = maxima * tensors["nested_absmax"][of_four] + 2.5
    expected = table[codes] * maxima[torch.arange(600) // size]
    found = unpack(Quantisation("bitsandbytes", 4), tensors)
    assert torch.allclose(found, expected.reshape(shape))


def test_8_bits_of_bitsandbytes() -> None:
    weight, maxima = _numbers(8, OUTPUTS, INPUTS).to(torch.int8), _factors(OUTPUTS)
    tensors = {"weight": weight, "scales": maxima, "format": torch.tensor(0, dtype=torch.uint8)}
    expected = weight * maxima[:, None] / 127
    packing = Quantisation("bitsandbytes", 8)
    assert torch.allclose(unpack(packing, tensors), expected)
    with pytest.raises(ValueError, match="order"):
        unpack(packing, tensors | {"format": torch.tensor(1, dtype=torch.uint8)})


@pytest.mark.parametrize("bits", [3, 4, 8])
@pytest.mark.parametrize("zeroed", [False, True])
def test_packed_groups_of_compressed_tensors(bits: int, zeroed: bool) -> None:
    half = 1 << (bits - 1)
    values, scales = _numbers(bits, OUTPUTS, INPUTS), _factors(OUTPUTS, 3)
    zeros = _numbers(bits, OUTPUTS, 3, seed=1)
    tensors = {
        "packed": _pack(values, bits, 1),
        "scales": scales,
        "shape": torch.tensor([OUTPUTS, INPUTS]),
        **({"zeros": _pack(zeros, bits, 0)} if zeroed else {}),
    }
    groups = torch.arange(INPUTS) // 32
    shift = zeros[:, groups] if zeroed else half
    packing = Quantisation("compressed-tensors", bits, (1, 32))
    assert torch.allclose(unpack(packing, tensors), (values - shift) * scales[:, groups])
    shuffled = groups.flip(0)
    shift = zeros[:, shuffled] if zeroed else half
    expected = (values - shift) * scales[:, shuffled]
    assert torch.allclose(unpack(packing, tensors | {"groups": shuffled.int()}), expected)


def test_bytes_of_compressed_tensors() -> None:
    packing = Quantisation("compressed-tensors", 8)
    whole = _numbers(8, OUTPUTS, INPUTS).to(torch.int8)
    zeros = _numbers(3, OUTPUTS, 1).to(torch.int8)
    for scales in (_factors(OUTPUTS, 1), _factors(1)):
        tensors = {"weight": whole, "scales": scales}
        assert torch.allclose(unpack(packing, tensors), whole * scales)
    tensors = {"weight": whole, "scales": _factors(OUTPUTS, 1), "zeros": zeros}
    assert torch.allclose(unpack(packing, tensors), (whole.int() - zeros) * _factors(OUTPUTS, 1))
    plain = torch.randn(4, 4)
    assert torch.equal(unpack(packing, {"weight": plain, "scales": _factors(1)}), plain)


@pytest.mark.parametrize(
    ("packing", "tensors"),
    [
        (Quantisation("fp8", 8, (8, 8)), {"weight": torch.ones(20, 8), "scales": torch.ones(2, 1)}),
        (Quantisation("fp8", 8, (8, 8)), {"scales": torch.ones(1)}),
        (
            Quantisation("gptq", 4, (1, 2), 1),
            {
                "packed": torch.ones(1, 8, dtype=torch.int32),
                "zeros": torch.ones(1, 1, dtype=torch.int32),
                "scales": torch.ones(1, 8),
            },
        ),
        (
            Quantisation("awq", 4),
            {"packed": torch.ones(8, 2), "zeros": torch.ones(1, 1), "scales": torch.ones(1, 8)},
        ),
        (
            Quantisation("bitsandbytes", 4),
            {
                "weight": torch.ones(8, dtype=torch.uint8),
                "map": torch.ones(16),
                "absmax": torch.ones(1),
                "state": _state(shape=[10**6, 10**6], blocksize=64),
            },
        ),
        (
            Quantisation("bitsandbytes", 4),
            {
                "weight": torch.ones(8, dtype=torch.uint8),
                "map": torch.ones(16),
                "absmax": torch.ones(1),
                "state": _state(shape=[4, 4], blocksize=10**12),
                "nested_map": torch.ones(256),
                "nested_absmax": torch.ones(1),
            },
        ),
        (
            Quantisation("bitsandbytes", 4),
            {
                "weight": torch.ones(8, dtype=torch.uint8),
                "map": torch.ones(16),
                "absmax": torch.ones(2),
                "state": _state(shape=[4, 4], blocksize=10**12),
            },
        ),
        (
            Quantisation("bitsandbytes", 4),
            {"weight": torch.ones(8), "absmax": torch.ones(1), "state": torch.zeros(3)},
        ),
        (
            Quantisation("compressed-tensors", 4),
            {
                "packed": torch.ones(2, 1, dtype=torch.int32),
                "scales": torch.ones(3, 1),
                "shape": torch.tensor([2, 8]),
            },
        ),
    ],
)
def test_what_does_not_fit_together_is_an_error(
    packing: Quantisation, tensors: dict[str, torch.Tensor]
) -> None:
    with pytest.raises((KeyError, ValueError, RuntimeError, IndexError, TypeError)):
        unpack(packing, tensors)
