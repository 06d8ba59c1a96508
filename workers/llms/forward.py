"""One pass of a model: tensors go to its device, and what it raises becomes an error of ours."""

import inspect
from typing import Any

import torch

from workers.llms.failures import failing_as


def run(model: Any, **inputs: Any) -> Any:
    """Return what `model`, or its encoder, gives for `inputs`, with no trace for gradients.

    Raises ModelError `forward_failed`, and MemoryError where it does not fit.
    """
    placed = {
        name: value.to(model.device) if isinstance(value, torch.Tensor) else value
        for name, value in inputs.items()
    }
    with failing_as("forward_failed", "The model could not be run"), torch.inference_mode():
        return model(**placed)


def accepts(model: Any, name: str) -> bool:
    """Whether the model takes an input of that name."""
    return name in inspect.signature(model.forward).parameters
