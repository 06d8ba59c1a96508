"""NaN because of streaming is told from NaN in the files."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from app.errors import ModelError
from workers.llms.streaming.watch import Watch


class _Model(nn.Module):
    """A model with a head that it calls, or whose weight it uses directly."""

    def __init__(self, *, called: bool) -> None:
        super().__init__()
        self.head = nn.Linear(3, 5, bias=False)
        self.called = called

    def forward(self, states: torch.Tensor) -> SimpleNamespace:
        logits = self.head(states) if self.called else states @ self.head.weight.T
        return SimpleNamespace(logits=logits)


def _ask(model: _Model, states: torch.Tensor) -> torch.Tensor:
    Watch(model).over(model.head, "head.weight")
    logits: torch.Tensor = model(states).logits
    return logits


def test_a_weight_that_is_used_without_its_module_cannot_be_streamed() -> None:
    model = _Model(called=False)
    model.head.weight = nn.Parameter(torch.full((5, 3), torch.nan))
    with pytest.raises(ModelError) as caught:
        _ask(model, torch.ones(1, 2, 3))
    assert caught.value.code == "cannot_stream"
    assert "head.weight" in caught.value.detail


def test_nan_of_a_model_whose_parts_were_called_is_its_own() -> None:
    assert _ask(_Model(called=True), torch.full((1, 2, 3), torch.nan)).isnan().all()


def test_numbers_pass_whatever_was_called() -> None:
    assert _ask(_Model(called=False), torch.ones(1, 2, 3)).isfinite().all()
