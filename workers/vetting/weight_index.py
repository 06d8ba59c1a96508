"""model.safetensors.index.json as data: which tensor lies in which shard.

transformers 5.23 opens whatever path the index names, so a repository could borrow another
model's weights, and with them its DNA.
"""

import re
from collections.abc import Mapping
from typing import Any

from app.errors import ModelError
from app.hub.file_names import INDEX_NAME
from workers.vetting.data import FaultyDataError, parse_object, shown
from workers.vetting.safetensors_header import Header

MAX_BYTES = 32 * 1024**2
_SHARD = re.compile(r"[A-Za-z0-9._-]+\.safetensors")


def read_weight_map(raw: bytes) -> dict[str, str]:
    """Return tensor name -> shard, each shard a plain file name.

    ModelError `index_outside_folder` for a path, `bad_index` for anything else that is wrong.
    """
    try:
        weight_map = parse_object(raw, MAX_BYTES).get("weight_map")
    except FaultyDataError as fault:
        raise bad_index(str(fault)) from None
    if not isinstance(weight_map, dict) or not weight_map:
        raise bad_index('lacks the object "weight_map"')
    for shard in set(map(_text, weight_map.values())):
        if "/" in shard or "\\" in shard or shard.startswith(".."):
            raise ModelError(
                "index_outside_folder",
                f"{INDEX_NAME} points at {shown(shard)}; shards must lie beside the index.",
            )
        if not _SHARD.fullmatch(shard):
            raise bad_index(f"names the shard {shown(shard)}, which is not a *.safetensors file")
    return weight_map


def check_shards(weight_map: Mapping[str, str], headers: Mapping[str, Header]) -> None:
    """Refuse (`bad_index`) unless every named tensor lies in its shard, and none in two shards.

    `headers` holds the header of each shard by its file name.
    """
    for tensor, shard in weight_map.items():
        if tensor not in headers[shard].tensors:
            raise bad_index(f"names tensor {shown(tensor)}, which is not in {shown(shard)}")
    seen: set[str] = set()
    for header in headers.values():
        twice = seen & header.tensors.keys()
        if twice:
            raise bad_index(f"leaves open which shard tensor {shown(min(twice))} comes from")
        seen |= header.tensors.keys()


def bad_index(fault: str) -> ModelError:
    """Return the error for a faulty index."""
    return ModelError("bad_index", f"{INDEX_NAME} {fault}; save the model again.")


def _text(shard: Any) -> str:
    if not isinstance(shard, str):
        raise bad_index("has a shard that is not text")
    return shard
