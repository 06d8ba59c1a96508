from copy import deepcopy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from nursery import copies


class Net(nn.Module):
    """Two inner layers, an embedding and a head, with weights from a seed."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(5, 8)
        self.inner = nn.Sequential(nn.Linear(8, 12), nn.Linear(12, 8))
        self.lm_head = nn.Linear(8, 5)
        generator = torch.Generator().manual_seed(seed)
        for weight in self.parameters():
            nn.init.normal_(weight, generator=generator)


SEEDS = st.integers(0, 1000)
INNER = ("inner.0.weight", "inner.1.weight")


def _weights(net: Net) -> dict[str, torch.Tensor]:
    return dict(net.state_dict())


def _only_inner_changed(before: dict[str, torch.Tensor], after: dict[str, torch.Tensor]) -> bool:
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    return changed == set(INNER)


@given(SEEDS, st.integers(3, 8))
@settings(deadline=None)
def test_quantized_rows_lie_on_a_grid_near_the_original(seed: int, bits: int) -> None:
    net = Net(seed)
    before = deepcopy(_weights(net))
    copies.quantize(net, bits)
    assert _only_inner_changed(before, _weights(net))
    for name in INNER:
        old, new = before[name], _weights(net)[name]
        step = old.abs().amax(dim=1, keepdim=True) / (2 ** (bits - 1) - 1)
        assert ((new - old).abs() <= step * 0.5001).all()
        assert torch.allclose((new / step).round(), new / step, atol=1e-4)


@given(SEEDS, st.floats(0.05, 0.9))
@settings(deadline=None)
def test_pruning_zeroes_the_smallest_share(seed: int, share: float) -> None:
    net = Net(seed)
    before = deepcopy(_weights(net))
    copies.prune(net, share)
    assert _only_inner_changed(before, _weights(net))
    for name in INNER:
        old, new = before[name].abs(), _weights(net)[name]
        gone = new == 0
        assert int(gone.sum()) == max(1, round(old.numel() * share))
        assert old[gone].max() <= old[~gone].min()
        assert torch.equal(new[~gone], before[name][~gone])


@given(SEEDS)
@settings(deadline=None)
def test_noise_is_seeded_and_in_proportion(seed: int) -> None:
    one, again, other = Net(1), Net(1), Net(1)
    before = deepcopy(_weights(one))
    copies.add_noise(one, 0.1, seed)
    copies.add_noise(again, 0.1, seed)
    copies.add_noise(other, 0.1, seed + 1)
    assert _only_inner_changed(before, _weights(one))
    for name in INNER:
        noise = _weights(one)[name] - before[name]
        assert torch.equal(_weights(one)[name], _weights(again)[name])
        assert not torch.equal(_weights(one)[name], _weights(other)[name])
        assert float(noise.std()) == pytest.approx(0.1 * float(before[name].std()), rel=0.35)


def test_the_average_lies_between_its_parents() -> None:
    one, other = Net(1), Net(2)
    expected = {name: (w + _weights(other)[name]) / 2 for name, w in _weights(one).items()}
    copies.average(one, other)
    for name, weight in _weights(one).items():
        torch.testing.assert_close(weight, expected[name])
