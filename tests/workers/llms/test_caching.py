"""A joined cache holds what its parts held, grows as transformers' own does, and is cut by rows."""

from typing import Any

import pytest
import torch
from transformers import AutoConfig, DynamicCache, MistralConfig
from transformers.cache_utils import DynamicLayer

from app.errors import ModelError
from tests.workers.llms.conftest import CAUSAL
from workers.llms.caching import RoomyLayer, join, new_cache
from workers.llms.forward import run
from workers.llms.transformers_llm import TransformersLLM
from workers.vetting.architectures import ARCHITECTURES


class _Like:
    """A model as far as its cache goes."""

    def __init__(self, config: Any) -> None:
        self.config = config


def _keys(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def test_a_layer_grows_as_transformers_own_does() -> None:
    ours = RoomyLayer(torch.zeros(3, 2, 9, 4), torch.zeros(3, 2, 9, 5), 0)
    theirs = DynamicLayer()
    for tokens in (5, 1, 1):
        new = _keys(3, 2, tokens, 4), _keys(3, 2, tokens, 5)
        for found, expected in zip(ours.update(*new), theirs.update(*new), strict=True):
            assert torch.equal(found, expected)
        assert ours.get_seq_length() == theirs.get_seq_length()
        assert ours.get_mask_sizes(1) == theirs.get_mask_sizes(1)
    rows = torch.tensor([2, 0])
    for layer in (ours, theirs):
        layer.batch_select_indices(rows)
    new = _keys(2, 2, 1, 4), _keys(2, 2, 1, 5)
    for found, expected in zip(ours.update(*new), theirs.update(*new), strict=True):
        assert torch.equal(found, expected)


@pytest.mark.parametrize("name", CAUSAL)
def test_joined_caches_are_filled_up_on_the_left(
    llms: dict[str, TransformersLLM], name: str
) -> None:
    model = llms[name]._model
    caches, alone = [], []
    for rows, tokens in ((2, 4), (1, 15), (2, 7)):  # the window of mistral is 12
        ids = torch.randint(9, 200, (rows, tokens), generator=torch.Generator().manual_seed(rows))
        for kept in (caches, alone):
            kept.append(new_cache(model))
            run(model, input_ids=ids, past_key_values=kept[-1], use_cache=True)
    joined = join(caches, new_cache(model), 5, 15, room=3)
    assert joined.get_seq_length() == 15
    first = 0
    for part in alone:
        for layer, whole in zip(part.layers, joined.layers, strict=True):
            rows, length = layer.keys.shape[0], layer.keys.shape[2]
            found = whole.keys[first : first + rows]
            assert torch.equal(found[:, :, found.shape[2] - length :], layer.keys)
            assert not found[:, :, : found.shape[2] - length].any()
        first += rows


@pytest.mark.parametrize(("window", "grows"), [(9, False), (10, True)])
def test_a_window_that_is_never_reached_is_none(window: int, grows: bool) -> None:
    config = MistralConfig(num_hidden_layers=1, sliding_window=window)
    plain, part, whole = (new_cache(_Like(config)) for _ in range(3))
    for cache in (plain, part):
        cache.update(_keys(2, 1, 6, 4), _keys(2, 1, 6, 4), 0)
    joined = join([part], whole, 2, 6, room=3)
    assert isinstance(joined.layers[0], RoomyLayer) == grows
    for _ in range(3):
        assert joined.get_mask_sizes(1, 0) == plain.get_mask_sizes(1, 0)
        new = _keys(2, 1, 1, 4), _keys(2, 1, 1, 4)
        for found, expected in zip(joined.update(*new, 0), plain.update(*new, 0), strict=True):
            assert torch.equal(found, expected)


def test_every_vetted_architecture_keeps_keys_and_values_alone() -> None:
    for model_type in ARCHITECTURES:
        assert isinstance(new_cache(_Like(AutoConfig.for_model(model_type))), DynamicCache)


def test_a_recurrent_model_is_refused() -> None:
    with pytest.raises(ModelError) as caught:
        new_cache(_Like(AutoConfig.for_model("mamba")))
    assert caught.value.code == "unsupported_cache"
    assert "LinearAttentionLayer" in caught.value.detail
