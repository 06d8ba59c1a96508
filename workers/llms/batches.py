"""Rows of token ids become rectangular tensors here."""

from collections.abc import Sequence

import torch


def pad(rows: Sequence[Sequence[int]], fill: int, left: bool = False) -> torch.Tensor:
    """Return int64 ids, shape (rows, longest row), filled up with `fill` on one side."""
    longest = max(map(len, rows))
    return torch.tensor(
        [
            [*_filler(row, longest, fill), *row] if left else [*row, *_filler(row, longest, fill)]
            for row in rows
        ]
    )


def mask(rows: Sequence[Sequence[int]], left: bool = False) -> torch.Tensor:
    """Return the attention mask of `pad`: int64, 1 at tokens and 0 at filling."""
    return pad([[1] * len(row) for row in rows], 0, left)


def _filler(row: Sequence[int], longest: int, fill: int) -> list[int]:
    return [fill] * (longest - len(row))
