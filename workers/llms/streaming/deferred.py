"""State dicts for transformers whose tensors are read one by one, when they are placed."""

from collections.abc import Callable

import torch

from workers.llms.checkpoint import Checkpoint


class Deferred:
    """Stands for a tensor in a state dict and is read when transformers places it in a model."""

    def __init__(self, read: Callable[[torch.dtype], torch.Tensor]) -> None:
        """Take what reads the tensor in a given dtype, onto the device where it belongs."""
        self._read = read

    def __getitem__(self, _: object) -> "Deferred":
        """Return itself: transformers asks for [...] before it converts."""
        return self

    def to(self, device: object, dtype: torch.dtype) -> torch.Tensor:
        """Return the tensor; transformers always says the CPU, which is passed over."""
        return self._read(dtype)


def shapes_only(checkpoint: Checkpoint) -> dict[str, Deferred]:
    """Return a state dict of tensors on the meta device: shapes without numbers, nothing read."""

    def read(shape: tuple[int, ...]) -> Callable[[torch.dtype], torch.Tensor]:
        return lambda dtype: torch.empty(shape, dtype=dtype, device="meta")

    return {name: Deferred(read(stored.shape)) for name, stored in checkpoint.tensors.items()}


def deferred(checkpoint: Checkpoint, device: str) -> dict[str, Deferred]:
    """Return a state dict of all tensors, each read onto the device when it is placed."""

    def read(name: str) -> Callable[[torch.dtype], torch.Tensor]:
        return lambda dtype: checkpoint.tensor(name, dtype).to(device)

    return {name: Deferred(read(name)) for name in checkpoint.tensors}
