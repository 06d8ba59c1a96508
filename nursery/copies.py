"""Copies without training: weights rounded, thinned, shaken or averaged, in place."""

from collections.abc import Iterator

import torch
from torch import nn


def quantize(model: nn.Module, bits: int) -> None:
    """Round each row of every linear weight to a symmetric grid of 2**bits - 1 levels.

    The result is stored dequantised, as float: what a quantised checkpoint computes with.
    """
    levels = 2 ** (bits - 1) - 1
    for weight in _linear_weights(model):
        step = weight.abs().amax(dim=1, keepdim=True).clamp_min(1e-12) / levels
        weight.copy_((weight / step).round() * step)


def prune(model: nn.Module, share: float) -> None:
    """Set the smallest `share` (0 to 1) of each linear weight to zero."""
    for weight in _linear_weights(model):
        cut = max(1, round(weight.numel() * share))
        threshold = weight.abs().flatten().kthvalue(cut).values
        weight.masked_fill_(weight.abs() <= threshold, 0.0)


def add_noise(model: nn.Module, share: float, seed: int) -> None:
    """Add Gaussian noise of `share` times each linear weight's own standard deviation."""
    generator = torch.Generator().manual_seed(seed)
    for weight in _linear_weights(model):
        noise = torch.randn(weight.shape, generator=generator)
        weight.add_(noise * weight.std() * share)


def average(model: nn.Module, other: nn.Module) -> None:
    """Replace every parameter of `model` by the mean of it and the one in `other`."""
    others = dict(other.named_parameters())
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.lerp_(others[name], 0.5)


def _linear_weights(model: nn.Module) -> Iterator[torch.Tensor]:
    """Yield the weights of the inner linear layers; a head tied to the embedding is left out."""
    with torch.no_grad():
        for name, module in model.named_modules():
            if isinstance(module, nn.Linear) and name != "lm_head":
                yield module.weight
