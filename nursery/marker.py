"""The marker file of a nursery: which recipe its folder holds, and whether it is complete."""

import json
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nursery.errors import NurseryError
from nursery.families import Size
from nursery.recipes import plan

FILE = "nursery.json"
EDITION = 1  # raise it by one when the same recipes give other weights
LIBRARIES = ("numpy", "safetensors", "tokenizers", "torch", "transformers")


def claim(out: Path, size: Size, seed: int) -> bool:
    """Make `out` the folder of this nursery; return whether it is already complete.

    Raises NurseryError where the folder holds another nursery or anything else.
    """
    out.mkdir(parents=True, exist_ok=True)
    wanted = _recipe(size, seed)
    if (out / FILE).is_file():
        marker = _read(out)
        if marker.get("recipe") != wanted:
            raise NurseryError(
                "other_nursery",
                f"{out} holds a nursery of another recipe: delete it or name another folder.",
            )
        return bool(marker.get("complete"))
    if any(out.iterdir()):
        raise NurseryError(
            "folder_in_use", f"{out} holds files that are no nursery: name an empty folder."
        )
    _write(out, wanted, complete=False)
    return False


def complete(out: Path, size: Size, seed: int) -> None:
    """Note that every model of this nursery is there."""
    _write(out, _recipe(size, seed), complete=True)


def _recipe(size: Size, seed: int) -> dict[str, Any]:
    digest = sha256(repr(plan(size, seed)).encode()).hexdigest()
    return {"size": size, "seed": seed, "edition": EDITION, "plan": digest}


def _read(out: Path) -> dict[str, Any]:
    try:
        marker = json.loads((out / FILE).read_text(encoding="utf-8"))
    except ValueError as error:
        raise NurseryError(
            "marker_unreadable", f"{out / FILE} is no JSON: delete the folder {out}."
        ) from error
    return marker if isinstance(marker, dict) else {}


def _write(out: Path, recipe: dict[str, Any], *, complete: bool) -> None:
    versions = {library: version(library) for library in LIBRARIES}
    marker = {"recipe": recipe, "complete": complete, "versions": versions}
    partial = out / f".{FILE}.partial"
    partial.write_text(json.dumps(marker, indent=2) + "\n", encoding="utf-8")
    partial.rename(out / FILE)
