import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.models import CONFIG
from workers.vetting.bounds import check_sizes
from workers.vetting.data import FaultyDataError


@pytest.mark.parametrize(
    "change",
    [
        {"num_hidden_layers": 513},
        {"num_hidden_layers": 0},
        {"num_hidden_layers": -1},
        {"num_hidden_layers": 2.0},
        {"num_hidden_layers": True},
        {"num_hidden_layers": "2"},
        {"num_hidden_layers": [2]},
        {"num_hidden_layers": {"__float__": "Infinity"}},
        {"hidden_size": 65_537},
        {"vocab_size": 2_000_001},
        {"num_attention_heads": 1_025},
        {"num_experts": 1_025},
        {"num_labels": 10**9},
        {"max_position_embeddings": 2**31},
        {"anything": 10**9 + 1},
        {"anything": -(10**9) - 1},
        {"anything": [[10**10]]},
        {"layer_types": ["x"] * 1_025},
        {"id2label": {str(n): "x" for n in range(1_025)}},
        {"attn_config": {"n_heads": 5_000}},
    ],
)
def test_absurd_sizes_are_refused(change):
    with pytest.raises(FaultyDataError, match="has"):
        check_sizes(CONFIG | change)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"num_key_value_heads": None},
        {"rope_theta": 3_580_165_449},
        {"rope_theta": 1e12},
        {"pad_token_id": -1},
        {"max_position_embeddings": 10_485_760},
        {"num_hidden_layers": 126, "hidden_size": 16_384, "vocab_size": 256_000},
        {"num_local_experts": 0},
    ],
)
def test_sizes_of_real_models_pass(change):
    check_sizes(CONFIG | change)


@given(st.integers())
def test_no_integer_beyond_the_bound_passes(number):
    if abs(number) <= 10**9:
        check_sizes({"some_key": number})
    else:
        with pytest.raises(FaultyDataError):
            check_sizes({"some_key": number})
