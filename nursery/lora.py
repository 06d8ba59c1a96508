"""Low-rank adaptation: train two thin matrices beside each frozen projection, then merge them."""

import torch
from torch import nn

RANK = 4
SCALE = 2.0
PROJECTIONS = ("q_proj", "v_proj", "q", "v")


class LowRank(nn.Module):
    """A frozen linear layer plus SCALE * up @ down; `up` starts at zero, so nothing changes."""

    def __init__(self, frozen: nn.Linear, generator: torch.Generator) -> None:
        super().__init__()
        self.frozen = frozen
        down = torch.randn(RANK, frozen.in_features, generator=generator)
        self.down = nn.Parameter(down * frozen.in_features**-0.5)
        self.up = nn.Parameter(torch.zeros(frozen.out_features, RANK))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (..., in_features) to (..., out_features)."""
        out: torch.Tensor = self.frozen(x) + (x @ self.down.T) @ self.up.T * SCALE
        return out

    @torch.no_grad()
    def merged(self) -> nn.Linear:
        """Return the linear layer with the low-rank part added to its weight."""
        self.frozen.weight.add_(SCALE * self.up @ self.down)
        return self.frozen


def attach(model: nn.Module, seed: int) -> None:
    """Freeze `model` and put a trainable low-rank pair beside its query and value projections."""
    generator = torch.Generator().manual_seed(seed)
    model.requires_grad_(False)
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if name in PROJECTIONS and isinstance(child, nn.Linear):
                setattr(parent, name, LowRank(child, generator))


def merge(model: nn.Module) -> None:
    """Fold every low-rank pair into its layer; the model is an ordinary one again."""
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, LowRank):
                setattr(parent, name, child.merged())
    model.requires_grad_(True)
