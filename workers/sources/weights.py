"""The weights of a model's folder: found, checked by their headers, linked and digested."""

import json
import math
from dataclasses import dataclass
from pathlib import Path, PurePath

from app.dna.canonical import digest_file
from app.errors import ModelError
from app.hub.file_names import INDEX_NAME, PICKLES, SINGLE_NAME
from workers.sources.folder import place, read_inside
from workers.sources.resolved import Limits
from workers.vetting.safetensors_header import Tensor, read_header
from workers.vetting.weight_index import MAX_BYTES, bad_index, check_shards, read_weight_map


@dataclass(frozen=True)
class Weights:
    """Checked weights: SHA-256 by file name, what the headers say of each tensor, bytes."""

    digests: dict[str, str]
    tensors: dict[str, Tensor]
    n_bytes: int

    @property
    def n_parameters(self) -> int:
        """How many numbers are stored."""
        return sum(math.prod(tensor.shape) for tensor in self.tensors.values())


def refuse_without_weights(names: frozenset[str]) -> None:
    """ModelError `pickle_only` or `not_a_model` when there is nothing that we would load."""
    if SINGLE_NAME in names or INDEX_NAME in names:
        return
    if any(PurePath(name).suffix in PICKLES for name in names):
        raise ModelError(
            "pickle_only",
            "The directory holds only pickled weights, which can run code when they are loaded;"
            " save the model as safetensors.",
        )
    raise ModelError(
        "not_a_model",
        f"The directory has neither {SINGLE_NAME} nor {INDEX_NAME}; submit a whole model.",
    )


def gather_weights(folder: Path, private: Path, names: frozenset[str], limits: Limits) -> Weights:
    """Link the weights into `private` after checking every header against index and size.

    ModelError `bad_index`, `index_outside_folder`, `bad_safetensors`, `too_large`, or those of
    `open_inside`.
    """
    weight_map = _weight_map(folder, names)
    shards = sorted(set(weight_map.values())) or [SINGLE_NAME]
    for shard in weight_map.values():
        if shard not in names:
            raise bad_index(f"names {shard}, which is not in the folder")
    outside = "index_outside_folder" if weight_map else "file_outside_folder"
    n_bytes = 0
    for shard in shards:
        n_bytes += place(folder, shard, private, outside)
        check_total(n_bytes, limits)
    headers = {shard: read_header(private / shard) for shard in shards}
    check_shards(weight_map, headers)
    if weight_map:
        index = {"metadata": {"total_size": n_bytes}, "weight_map": weight_map}
        (private / INDEX_NAME).write_text(json.dumps(index), encoding="utf-8")
    return Weights(
        {shard: digest_file(private / shard) for shard in shards},
        {name: one for header in headers.values() for name, one in header.tensors.items()},
        n_bytes,
    )


def _weight_map(folder: Path, names: frozenset[str]) -> dict[str, str]:
    if INDEX_NAME not in names:
        return {}
    weight_map = read_weight_map(read_inside(folder, INDEX_NAME, MAX_BYTES))
    # transformers would load the single file and ignore the index
    if SINGLE_NAME in names and set(weight_map.values()) != {SINGLE_NAME}:
        raise bad_index(f"lies beside a {SINGLE_NAME} that it does not name; remove one of them")
    return weight_map


def check_total(n_bytes: int, limits: Limits) -> None:
    """ModelError `too_large` for more bytes of weights than the limits allow."""
    if n_bytes > limits.max_weight_bytes:
        raise ModelError(
            "too_large",
            f"The weights have more than the {limits.max_weight_bytes:,} bytes that this service"
            " accepts.",
        )
