"""A leaf: how large the numbers and lists of a config may be.

transformers builds a model of whatever size it is told; even reading a config with 10,000,000
layers took it 39 seconds and 1.3 GB.
"""

from collections.abc import Iterator
from typing import Any

from workers.vetting.data import FaultyDataError, shown

MAX_INT = 10**9
MAX_ITEMS = 1_024

WIDTHS = frozenset({"hidden_size", "d_model", "n_embd", "n_embed"})
LAYERS = frozenset(
    {"num_hidden_layers", "num_layers", "n_layer", "n_layers"}
    | {"num_decoder_layers", "encoder_layers", "decoder_layers"}
)
INNER_WIDTHS = frozenset(
    {"intermediate_size", "ffn_dim", "d_ff", "n_inner", "ffn_hidden_size"}
    | {"encoder_ffn_dim", "decoder_ffn_dim"}
)
_HEADS = frozenset(
    {"num_attention_heads", "num_heads", "n_head", "n_heads", "attention_heads"}
    | {"encoder_attention_heads", "decoder_attention_heads"}
    | {"num_key_value_heads", "num_kv_heads", "n_head_kv"}
)
_AT_LEAST_ONE = {
    **dict.fromkeys(WIDTHS, 65_536),
    **dict.fromkeys(LAYERS, 512),
    **dict.fromkeys(_HEADS, 1_024),
    "vocab_size": 2_000_000,
    "decoder_vocab_size": 2_000_000,
}
_AT_LEAST_ZERO = {
    **dict.fromkeys(INNER_WIDTHS, 1_048_576),
    **dict.fromkeys(("moe_intermediate_size", "shared_expert_intermediate_size"), 1_048_576),
    **dict.fromkeys(("word_embed_proj_dim", "head_dim", "d_kv", "kv_channels"), 65_536),
    **dict.fromkeys(("qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim"), 65_536),
    **dict.fromkeys(("q_lora_rank", "kv_lora_rank", "rotary_dim"), 65_536),
    **dict.fromkeys(("num_experts", "num_local_experts", "n_routed_experts"), 1_024),
    **dict.fromkeys(("n_shared_experts", "num_experts_per_tok", "num_labels"), 1_024),
    **dict.fromkeys(("num_nextn_predict_layers", "num_mtp_layers"), 512),
    **dict.fromkeys(("num_sparse_encoder_layers", "num_sparse_decoder_layers"), 512),
    **dict.fromkeys(("max_position_embeddings", "n_positions", "n_ctx", "max_seq_len"), 2**24),
    **dict.fromkeys(("max_encoder_position_embeddings", "max_decoder_position_embeddings"), 2**24),
}
# A base of rotary angles is a factor, not a size, and long-context models set it above 10^9.
_FACTORS = frozenset({"rope_theta", "rope_local_base_freq", "rotary_emb_base", "factor"})


def check_sizes(config: dict[str, Any]) -> None:
    """Raise FaultyDataError where a number or a list is absurd, at any depth."""
    for key, value in _pairs(config):
        if isinstance(value, list | dict) and len(value) > MAX_ITEMS:
            raise FaultyDataError(f"has more than {MAX_ITEMS} items in {shown(key)}")
        if key in _AT_LEAST_ONE:
            _check_size(key, value, 1, _AT_LEAST_ONE[key])
        elif key in _AT_LEAST_ZERO:
            _check_size(key, value, 0, _AT_LEAST_ZERO[key])
        elif isinstance(value, int) and abs(value) > MAX_INT and key not in _FACTORS:
            raise FaultyDataError(f"has a number beyond {MAX_INT:,} in {shown(key)}")


def _check_size(key: str, value: Any, least: int, most: int) -> None:
    if value is None:
        return
    if type(value) is not int or not least <= value <= most:
        raise FaultyDataError(f"has {shown(key)} outside {least} to {most:,}")


def _pairs(value: Any, key: str = "config.json") -> Iterator[tuple[str, Any]]:
    """Every value with the key it stands under; those of a list stand under the list's key."""
    yield key, value
    if isinstance(value, dict):
        for name, child in value.items():
            yield from _pairs(child, name)
    elif isinstance(value, list):
        for child in value:
            yield from _pairs(child, key)
