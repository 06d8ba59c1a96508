"""quantization_config as data: how packed weights are unpacked.

Only numbers get through. transformers never sees the repository's own settings, so none of its
quantisers, which load libraries and kernels of their own, is ever chosen by a stranger.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from app.errors import ModelError
from workers.vetting.data import FaultyDataError, shown
from workers.vetting.packing import METHODS, Method

FILE_NAME = "quantisation.json"
KEY = "quantization_config"
MAX_BLOCK = 2**20
_CT_FORMATS = ("dense", "float-quantized", "int-quantized", "naive-quantized", "pack-quantized")


@dataclass(frozen=True)
class Quantisation:
    """How weights were packed.

    `bits` is the size of a packed number, `block` the rows and columns that share a scale where
    the tensors leave it open (0: all of them), `zero_step` what is added to a stored zero point.
    """

    method: Method
    bits: int
    block: tuple[int, int] = (1, 0)
    zero_step: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return a value that `json.dumps` takes and `from_json` gives back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote, which is ours and trusted."""
        return cls(**{**data, "block": tuple(data["block"])})


def vet_quantisation(config: Any) -> Quantisation | None:
    """Read a quantization_config; None for none.

    FaultyDataError for a faulty one, ModelError `unsupported_quantisation` for one that is not
    known here.
    """
    if config is None:
        return None
    if not isinstance(config, dict):
        raise FaultyDataError(f"has a {KEY} that is not an object")
    method = config.get("quant_method")
    if method is None and (config.get("load_in_4bit") or config.get("load_in_8bit")):
        method = "bitsandbytes"
    if not isinstance(method, str) or method not in METHODS:
        raise unsupported(f"its quant_method is {shown(str(method))}")
    return _READERS[method](config)


def unsupported(why: str) -> ModelError:
    """Return the error for packed weights that we cannot unpack exactly."""
    return ModelError(
        "unsupported_quantisation",
        f"These quantised weights cannot be unpacked: {why}; submit the model's unquantised"
        f" weights, or one of {', '.join(METHODS)}.",
    )


def _fp8(config: Mapping[str, Any]) -> Quantisation:
    block = config.get("weight_block_size") or (128, 128)
    if not isinstance(block, list | tuple) or len(block) != 2:
        raise FaultyDataError(f"has a {KEY} whose weight_block_size is not two sizes")
    if config.get("expert_dtype", "fp8") != "fp8":
        raise unsupported("its experts are not FP8")
    return Quantisation("fp8", 8, (_block(block[0]), _block(block[1])))


def _mxfp4(_: Mapping[str, Any]) -> Quantisation:
    return Quantisation("mxfp4", 4)


def _gptq(config: Mapping[str, Any]) -> Quantisation:
    bits = _bits(config, "bits", (2, 3, 4, 8))
    form = config.get("checkpoint_format", "gptq")
    if form not in ("gptq", "gptq_v2"):
        raise unsupported(f"its checkpoint_format is {shown(str(form))}")
    if config.get("dynamic") or config.get("is_marlin_format"):
        raise unsupported("its modules are packed in different ways")
    return Quantisation("gptq", bits, (1, _group(config)), zero_step=int(form == "gptq"))


def _awq(config: Mapping[str, Any]) -> Quantisation:
    version = config.get("version", "gemm")
    if not isinstance(version, str) or version.lower() != "gemm":
        raise unsupported(f"its AWQ version is {shown(str(version))}, not gemm")
    key = "bits" if "bits" in config else "w_bit"
    return Quantisation("awq", _bits(config, key, (4,)), (1, _group(config)))


def _bitsandbytes(config: Mapping[str, Any]) -> Quantisation:
    return Quantisation("bitsandbytes", 4 if config.get("load_in_4bit") else 8)


def _compressed_tensors(config: Mapping[str, Any]) -> Quantisation:
    groups = config.get("config_groups")
    if not isinstance(groups, dict) or not groups:
        raise FaultyDataError(f"has a {KEY} without config_groups")
    for key in ("transform_config", "sparsity_config"):
        if _says_something(config.get(key)):
            raise unsupported(f"it sets {key}")
    found = {_scheme(group, config.get("format")) for group in groups.values()}
    if len(found) != 1:
        raise unsupported("its groups are packed in different ways")
    return found.pop()


def _scheme(group: Any, form: Any) -> Quantisation:
    weights = group.get("weights") if isinstance(group, dict) else None
    if not isinstance(weights, dict):
        raise FaultyDataError(f"has a {KEY} with a group without weights")
    form = group.get("format") or form
    if form not in _CT_FORMATS:
        raise unsupported(f"its format is {shown(str(form))}")
    if weights.get("type", "int") not in ("int", "float"):
        raise FaultyDataError(f"has a {KEY} with a type that is neither int nor float")
    block = weights.get("block_structure")
    if isinstance(block, list) and len(block) == 2:
        size = (_block(block[0]), _block(block[1]))
    else:
        size = (1, _group(weights))
    return Quantisation("compressed-tensors", _bits(weights, "num_bits", range(1, 9)), size)


def _says_something(settings: Any) -> bool:
    return bool(settings) and not (
        isinstance(settings, dict)
        and settings.get("format", "dense") == "dense"
        and not settings.get("config_groups")
    )


def _bits(config: Mapping[str, Any], key: str, known: Iterable[int]) -> int:
    bits = config.get(key)
    if type(bits) is not int or bits not in known:
        raise unsupported(f"its {key} is {shown(str(bits))}")
    return bits


def _group(config: Mapping[str, Any]) -> int:
    size = config.get("group_size", config.get("q_group_size"))
    return 0 if size in (None, -1) else _block(size)


def _block(size: Any) -> int:
    if type(size) is not int or not 1 <= size <= MAX_BLOCK:
        raise FaultyDataError(f"has a {KEY} with a block size outside 1 to {MAX_BLOCK:,}")
    return size


_READERS = {
    "awq": _awq,
    "bitsandbytes": _bitsandbytes,
    "compressed-tensors": _compressed_tensors,
    "fp8": _fp8,
    "gptq": _gptq,
    "mxfp4": _mxfp4,
}
