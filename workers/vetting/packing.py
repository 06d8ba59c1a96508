"""Which stored tensors make one weight of a quantised model, and how many numbers it holds.

A leaf: names and headers only.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Literal

from app.errors import ModelError
from workers.vetting.data import shown
from workers.vetting.safetensors_header import Tensor

WORD_BITS = 32

Method = Literal["awq", "bitsandbytes", "compressed-tensors", "fp8", "gptq", "mxfp4"]
# For each method the endings of stored names: the part that it is, and what ends the plain name.
# "" is a part that only concerns activations. A name without such an ending is a part "weight".
_ENDINGS: dict[Method, dict[str, tuple[str, str]]] = {
    "awq": {
        ".qweight": ("packed", ".weight"),
        ".qzeros": ("zeros", ".weight"),
        ".scales": ("scales", ".weight"),
    },
    "bitsandbytes": {
        ".SCB": ("scales", ".weight"),
        ".weight_format": ("format", ".weight"),
        ".weight.absmax": ("absmax", ".weight"),
        ".weight.quant_map": ("map", ".weight"),
        ".weight.nested_absmax": ("nested_absmax", ".weight"),
        ".weight.nested_quant_map": ("nested_map", ".weight"),
        ".weight.quant_state.bitsandbytes__nf4": ("state", ".weight"),
        ".weight.quant_state.bitsandbytes__fp4": ("state", ".weight"),
    },
    "compressed-tensors": {
        ".weight_packed": ("packed", ".weight"),
        ".weight_scale": ("scales", ".weight"),
        ".weight_zero_point": ("zeros", ".weight"),
        ".weight_shape": ("shape", ".weight"),
        ".weight_g_idx": ("groups", ".weight"),
        ".input_scale": ("", ".weight"),
        ".input_zero_point": ("", ".weight"),
    },
    "fp8": {
        "_scale_inv": ("scales", ""),
        ".activation_scale": ("", ".weight"),
        ".input_scale": ("", ".weight"),
    },
    "gptq": {
        ".qweight": ("packed", ".weight"),
        ".qzeros": ("zeros", ".weight"),
        ".scales": ("scales", ".weight"),
        ".g_idx": ("groups", ".weight"),
    },
    "mxfp4": {"_blocks": ("packed", ""), "_scales": ("scales", "")},
}
METHODS = tuple(sorted(_ENDINGS))
_REMNANTS = ("_scale_inv", ".weight_scale", ".SCB", ".weight.absmax", ".qweight", ".weight_packed")

Parts = dict[str, str]


def grouped(names: Iterable[str], method: Method) -> dict[str, Parts]:
    """Return for each plain name the stored names by part; {"weight": name} is not packed."""
    found: dict[str, Parts] = {}
    for name in names:
        plain, part = _placed(name, method)
        if part:
            found.setdefault(plain, {})[part] = name
    return found


def n_parameters(tensors: Mapping[str, Tensor], method: Method, bits: int) -> int:
    """Return how many numbers the tensors of a model hold when they are unpacked.

    `bits` is the size of a packed number where the dtype does not say it.
    """
    return sum(
        _unpacked(tensors[parts.get("packed") or parts["weight"]], parts, method, bits)
        for parts in grouped(tensors, method).values()
        if not parts.keys().isdisjoint({"packed", "weight"})
    )


def refuse_remnants(names: Iterable[str]) -> None:
    """Refuse packed weights whose config has lost its quantization_config.

    They would be read as if their scales were one: ModelError `config_refused`.
    """
    for name in names:
        if name.endswith(_REMNANTS):
            raise ModelError(
                "config_refused",
                f"The weights hold {shown(name)} but config.json has no quantization_config;"
                " submit the config that belongs to them.",
            )


def _placed(name: str, method: Method) -> tuple[str, str]:
    for ending, (part, tail) in _ENDINGS[method].items():
        if name.endswith(ending):
            return name.removesuffix(ending) + tail, part
    return name, "weight"


def _unpacked(tensor: Tensor, parts: Parts, method: Method, bits: int) -> int:
    stored = math.prod(tensor.shape)
    if method == "mxfp4":
        return stored * 2 if "packed" in parts else stored
    if "absmax" in parts:  # two to a byte, whatever the dtype that the bytes are stored as
        return 2 * (tensor.end - tensor.begin)
    return stored * WORD_BITS // bits if "packed" in parts else stored
