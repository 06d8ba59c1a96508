"""The formulas that turn packed weights back into float32, one a method; tensors in, tensor out.

Each follows the layout that the method's own library writes; shapes are of linear layers, (out,
in), unless said otherwise. Whatever is inconsistent ends in an error of torch, KeyError or
ValueError, never in numbers.
"""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import torch

from workers.vetting.packing import WORD_BITS
from workers.vetting.quantisation import Quantisation

Tensors = Mapping[str, torch.Tensor]

# A word of AWQ holds eight columns in this order, lowest bits first.
_AWQ_ORDER = (0, 2, 4, 6, 1, 3, 5, 7)
_FP4 = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
_FP4_VALUES = torch.tensor([*_FP4, *(-value for value in _FP4)])
_E8M0_BIAS = 127
_INT8_MOST = 127


def unpack(quantisation: Quantisation, tensors: Tensors) -> torch.Tensor:
    """Return the plain weight of one layer from its parts (workers.vetting.packing)."""
    match quantisation.method:
        case "gptq":
            return _gptq(quantisation, tensors)
        case "awq":
            return _awq(quantisation, tensors)
        case "mxfp4":
            return _mxfp4(tensors)
        case "bitsandbytes":
            return _nibbles(tensors) if "absmax" in tensors else _rows(tensors)
        case "fp8":
            return _scaled(tensors["weight"], tensors["scales"], quantisation.block)
        case "compressed-tensors":
            return _compressed(quantisation, tensors)


def plain_shape(
    quantisation: Quantisation,
    shapes: Mapping[str, tuple[int, ...]],
    read: Callable[[str], torch.Tensor],
) -> tuple[int, ...]:
    """Return the shape of what `unpack` returns, from those of the parts; `read` reads small ones.

    Nothing has checked that the parts agree.
    """
    match quantisation.method:
        case "gptq":
            words, outputs = shapes["packed"]
            return outputs, words * WORD_BITS // quantisation.bits
        case "awq":
            inputs, words = shapes["packed"]
            return words * WORD_BITS // quantisation.bits, inputs
        case "mxfp4":
            experts, outputs, blocks, half = shapes["packed"]
            return experts, blocks * half * 2, outputs
        case "bitsandbytes" if "absmax" in shapes:
            return _shape(_state(read("state"))["shape"])
        case "compressed-tensors" if "packed" in shapes:
            return _shape(read("shape").tolist())
        case _:
            return shapes["weight"]


def _shape(sizes: list[int]) -> tuple[int, ...]:
    if not 1 <= len(sizes) <= 4 or not all(type(size) is int and size > 0 for size in sizes):
        raise ValueError("its shape is nonsense")
    return tuple(sizes)


def _state(packed: torch.Tensor) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(bytes(packed.tolist()))
    return state


def unpack_words(words: torch.Tensor, bits: int, axis: int) -> torch.Tensor:
    """Return the unsigned numbers of `bits` bits, at most 8, packed without gaps into int32.

    They lie one after the other along `axis`, lowest bits first, and may straddle two words.
    """
    if words.dtype != torch.int32:
        raise ValueError(f"packed numbers are {words.dtype}, not int32")
    places = torch.arange(words.shape[axis] * WORD_BITS // bits) * bits
    shape = [1] * words.ndim
    shape[axis] = -1
    shifts = (places % WORD_BITS).int().reshape(shape)
    at = places // WORD_BITS
    # The shift keeps the sign, so bits above those of the word are cleared before others join.
    low = (words.index_select(axis, at) >> shifts) & ((1 << (WORD_BITS - shifts).clamp(max=31)) - 1)
    if WORD_BITS % bits:
        beyond = (at + 1).clamp(max=words.shape[axis] - 1)
        spilt = shifts + bits > WORD_BITS
        low |= torch.where(spilt, words.index_select(axis, beyond) << (WORD_BITS - shifts), 0)
    return (low & ((1 << bits) - 1)).to(torch.uint8)


def _gptq(quantisation: Quantisation, tensors: Tensors) -> torch.Tensor:
    bits, scales = quantisation.bits, tensors["scales"].float()
    values = unpack_words(tensors["packed"], bits, 0)  # (in, out)
    zeros = unpack_words(tensors["zeros"], bits, 1)[:, : scales.shape[1]]
    # what is added wraps around, as it did when it was taken away
    zeros = (zeros.short() + quantisation.zero_step) & ((1 << bits) - 1)
    groups = _groups(tensors, len(values), quantisation.block[1])
    return ((values.float() - zeros[groups]) * scales[groups]).T


def _awq(quantisation: Quantisation, tensors: Tensors) -> torch.Tensor:
    values = _reordered(unpack_words(tensors["packed"], quantisation.bits, 1))  # (in, out)
    zeros = _reordered(unpack_words(tensors["zeros"], quantisation.bits, 1))
    groups = _groups(tensors, len(values), quantisation.block[1])
    return ((values.float() - zeros[groups]) * tensors["scales"].float()[groups]).T


def _reordered(values: torch.Tensor) -> torch.Tensor:
    words = values.reshape(len(values), -1, len(_AWQ_ORDER))
    return words[:, :, torch.tensor(_AWQ_ORDER).argsort()].reshape(values.shape)


def _groups(tensors: Tensors, inputs: int, size: int) -> torch.Tensor:
    """Return the group of each input, as it is stored or one after the other."""
    if "groups" in tensors:
        return tensors["groups"].long()
    return torch.arange(inputs) // (size or inputs)


def _mxfp4(tensors: Tensors) -> torch.Tensor:
    """Blocks (experts, out, n, 16) of two numbers a byte become (experts, in, out)."""
    blocks, exponents = tensors["packed"], tensors["scales"].int() - _E8M0_BIAS
    codes = torch.stack([blocks & 15, blocks >> 4], dim=-1).flatten(-2).int()
    values = torch.ldexp(_FP4_VALUES[codes], exponents.unsqueeze(-1))
    return values.flatten(-2).transpose(1, 2)


def _nibbles(tensors: Tensors) -> torch.Tensor:
    """4 bits of bitsandbytes: codes of a table, the high half first, times a block's maximum."""
    state = _state(tensors["state"])
    maxima = tensors["absmax"]
    if "nested_map" in tensors:
        outer = tensors["nested_absmax"].float()
        maxima = tensors["nested_map"].float()[maxima.int()]
        maxima = _times(maxima, outer, state["nested_blocksize"]) + state["nested_offset"]
    packed = tensors["weight"].flatten().view(torch.uint8)
    codes = torch.stack([packed >> 4, packed & 15], dim=-1).flatten().int()
    shape = state["shape"]
    values = tensors["map"].float()[codes[: math.prod(shape)]]
    return _times(values, maxima.float(), state["blocksize"]).reshape(shape)


def _times(values: torch.Tensor, factors: torch.Tensor, size: int) -> torch.Tensor:
    """Multiply each block of `size` numbers by its factor; the last may be shorter."""
    if size < 1 or math.ceil(len(values) / size) != len(factors):
        raise ValueError(f"{len(factors)} blocks of {size} do not make {len(values)} numbers")
    return values * factors.repeat_interleave(min(size, len(values)))[: len(values)]


def _rows(tensors: Tensors) -> torch.Tensor:
    """8 bits of bitsandbytes: whole numbers times a row's maximum."""
    if "format" in tensors and tensors["format"].any():
        raise ValueError("rows are stored in another order")
    return tensors["weight"].float() * (tensors["scales"].float() / _INT8_MOST).unsqueeze(1)


def _compressed(quantisation: Quantisation, tensors: Tensors) -> torch.Tensor:
    bits = quantisation.bits
    if "packed" not in tensors:
        weight = tensors["weight"]
        if weight.dtype.itemsize > 1:  # never packed, whatever lies beside it
            return weight.float()
        zeros = tensors.get("zeros")
    else:
        rows, columns = tensors["shape"].tolist()
        half = 1 << (bits - 1)
        weight = unpack_words(tensors["packed"], bits, 1)[:, :columns].short() - half
        zeros = tensors.get("zeros")
        if zeros is not None and zeros.dtype == torch.int32:
            zeros = unpack_words(zeros, bits, 0)[:rows].short() - half
    if "groups" in tensors:
        groups = tensors["groups"].long()
        zeros = None if zeros is None else zeros[:, groups]
        tensors = {**tensors, "scales": tensors["scales"][:, groups]}
    return _scaled(weight, tensors["scales"], quantisation.block, zeros)


def _scaled(
    weight: torch.Tensor,
    scales: torch.Tensor,
    block: tuple[int, int],
    zeros: torch.Tensor | None = None,
) -> torch.Tensor:
    """Return (weight - zeros) * scales; a block of rows and columns shares one of each."""
    values = weight.float()
    if zeros is not None:
        values -= _spread(zeros.float(), weight.shape, block)
    return values * _spread(_scales(scales), weight.shape, block)


def _scales(scales: torch.Tensor) -> torch.Tensor:
    """Return scales as float32; bytes are exponents of two."""
    plain = scales.float()
    return torch.exp2(plain - _E8M0_BIAS) if scales.dtype == torch.uint8 else plain


def _spread(scales: torch.Tensor, shape: torch.Size, block: tuple[int, int]) -> torch.Tensor:
    """Repeat scales over their blocks, the last of which may be cut short, up to `shape`."""
    if scales.numel() == 1:
        return scales.reshape(())
    for axis, size in zip((-2, -1), block, strict=True):
        if scales.shape[axis] not in (1, shape[axis]):
            if math.ceil(shape[axis] / size) != scales.shape[axis]:
                raise ValueError(f"{tuple(scales.shape)} scales do not fit {tuple(shape)}")
            scales = scales.repeat_interleave(size, axis).narrow(axis, 0, shape[axis])
    return scales
