"""Which token comes next: the likeliest, or one drawn by its row's own dice. Tensors in and out."""

from collections.abc import Sequence

import numpy as np
import torch

from app.errors import ModelError
from workers.llms.role import Decoding

_WORD = 1 << 64


def choose(
    logits: torch.Tensor, decoding: Decoding, seeds: Sequence[int], step: int
) -> torch.Tensor:
    """Return the next token of each row, int64; logits are (rows, vocabulary), a seed is a row's.

    What is drawn is a function of a row's logits, its seed and `step` alone. Raises ModelError
    `nan_logits` where no token is likeliest; single tokens may be impossible (-inf).
    """
    best, likeliest = logits.max(dim=-1)
    if not torch.isfinite(best).all():
        raise ModelError("nan_logits", "Repair the weights: the model gives no finite logits.")
    if decoding.temperature == 0:
        return likeliest
    scaled = (logits.float() - best.float().unsqueeze(1)) / decoding.temperature
    chances = torch.softmax(scaled, dim=-1)
    if decoding.top_p < 1:
        chances = chances * (chances >= _least_kept(chances, decoding.top_p))
    dice = [uniform(seed, step) for seed in seeds]
    return _drawn(chances, torch.tensor(dice, dtype=torch.float64, device=chances.device))


def uniform(seed: int, step: int) -> float:
    """Return the number in [0, 1) that belongs to a seed and a step: 53 bits of splitmix64.

    The generator is Steele, Lea and Flood's (OOPSLA 2014); its state after `step` + 1 steps from
    the mixed seed needs no steps before it.
    """
    return (_mixed(_mixed(seed) + (step + 1) * 0x9E3779B97F4A7C15) >> 11) / (1 << 53)


def _mixed(value: int) -> int:
    value %= _WORD
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 % _WORD
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB % _WORD
    return value ^ (value >> 31)


def _least_kept(chances: torch.Tensor, top_p: float) -> torch.Tensor:
    """Return the chance, (rows, 1), of the last of the likeliest tokens that make up `top_p`."""
    ordered = _ascending(chances).flip(1)
    before = ordered.cumsum(dim=1) - ordered
    last = (before < top_p).sum(dim=1, keepdim=True) - 1
    return ordered.gather(1, last)


def _ascending(chances: torch.Tensor) -> torch.Tensor:
    """Return each row sorted; on a CPU by numpy, which takes a tenth of torch's time."""
    if chances.is_cuda:
        return chances.sort(dim=1).values
    return torch.from_numpy(np.sort(chances.numpy(), axis=1))


def _drawn(chances: torch.Tensor, dice: torch.Tensor) -> torch.Tensor:
    """Return the first token of each row at which the sum of chances, in order, exceeds its die."""
    sums = chances.cumsum(dim=1)
    total = sums[:, -1:]
    wanted = (dice.unsqueeze(1) * total).to(sums.dtype)
    below = torch.nextafter(total, torch.zeros_like(total))  # else rounding may reach the total
    return torch.searchsorted(sums, torch.minimum(wanted, below), right=True).squeeze(1)
