"""LoRA adapters on disk, as peft saves them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

RANK = 2
CONFIG: dict[str, Any] = {
    "peft_type": "LORA",
    "base_model_name_or_path": "org/base",
    "bias": "none",
    "lora_alpha": 6,
    "r": RANK,
    "target_modules": ["q_proj", "v_proj"],
}


def write_adapter(
    folder: Path, tensors: Mapping[str, np.ndarray] | None = None, **changes: Any
) -> Path:
    """A folder with adapter_config.json and `tensors`, named without peft's prefix."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "adapter_config.json").write_text(json.dumps(CONFIG | changes))
    named = {f"base_model.model.{name}": one for name, one in (tensors or pairs(1, 8)).items()}
    save_file(named, folder / "adapter_model.safetensors")
    return folder


def pairs(layers: int, width: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Random pairs for the query and value projections of a Llama of square projections."""
    rng = np.random.default_rng(seed)
    return {
        f"model.layers.{layer}.self_attn.{target}.{part}.weight": rng.standard_normal(shape).astype(
            "float32"
        )
        for layer in range(layers)
        for target in CONFIG["target_modules"]
        for part, shape in {"lora_A": (RANK, width), "lora_B": (width, RANK)}.items()
    }
