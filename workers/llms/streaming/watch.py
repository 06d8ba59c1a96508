"""Tells a model that cannot be streamed from one that is broken, when no numbers come out."""

from typing import Any

import torch
from torch import nn

from app.errors import ModelError


class Watch:
    """Knows which parts of a model were never called: some architectures use weights directly."""

    def __init__(self, model: Any) -> None:
        """Watch over a model whose weights that come and go are absent now."""
        self._tensors = model.state_dict(keep_vars=True)
        self._unused: dict[torch.Tensor, str] = {}
        model.register_forward_hook(self._explain)

    def over(self, module: nn.Module, name: str) -> None:
        """Watch over a part that has the weight `name`; tied weights are one."""
        tensor = self._tensors[name]
        self._unused[tensor] = name
        module.register_forward_pre_hook(lambda *_: self._used(tensor))

    def _used(self, tensor: torch.Tensor) -> None:
        self._unused.pop(tensor, None)

    def _explain(self, _: nn.Module, __: object, output: Any) -> None:
        if self._unused and torch.isnan(output.logits[:, -1]).any():
            raise ModelError(
                "cannot_stream",
                f"Give the job more memory: the weights {next(iter(self._unused.values()))[:100]}"
                " are used in a way that needs all of them at once.",
            )
