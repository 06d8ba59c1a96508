"""Architectures: empty bodies of tiny transformers, and newborn weights drawn from a generator."""

from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
)

WIDTH, HEADS, CONTEXT = 64, 4, 1024
DECODERS = {
    "llama": (LlamaConfig, LlamaForCausalLM),
    "mistral": (MistralConfig, MistralForCausalLM),
    "qwen3": (Qwen3Config, Qwen3ForCausalLM),
}
LAYERS = {"llama": 3, "mistral": 3, "qwen3": 3, "t5": 2}


def newborn(
    kind: str, tokenizer: PreTrainedTokenizerFast, seed: int, layers: int | None = None
) -> PreTrainedModel:
    """Return an untrained model of `kind` (llama, mistral, qwen3, t5) in float32, eval mode off.

    Its weights follow from `seed` alone; global random state plays no part in them.
    """
    depth = layers or LAYERS[kind]
    if is_encoder_decoder(kind):
        model = _encoder_decoder(tokenizer, depth)
    else:
        model = _decoder(kind, tokenizer, depth)
    _draw_weights(model, torch.Generator().manual_seed(seed))
    return model


def load(folder: Path, kind: str) -> PreTrainedModel:
    """Return the model of `kind` that was kept in `folder`, in float32."""
    auto = AutoModelForSeq2SeqLM if is_encoder_decoder(kind) else AutoModelForCausalLM
    return auto.from_pretrained(folder, local_files_only=True)


def is_encoder_decoder(kind: str) -> bool:
    """Return True for bodies that read with an encoder and answer with a decoder."""
    return kind not in DECODERS


def _decoder(kind: str, tokenizer: PreTrainedTokenizerFast, layers: int) -> PreTrainedModel:
    config_class, model_class = DECODERS[kind]
    config = config_class(
        **_token_ids(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=3 * WIDTH,
        num_hidden_layers=layers,
        num_attention_heads=HEADS,
        head_dim=WIDTH // HEADS,
        num_key_value_heads=HEADS // 2,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
    )
    return model_class(config)


def _encoder_decoder(tokenizer: PreTrainedTokenizerFast, layers: int) -> PreTrainedModel:
    config = T5Config(
        **_token_ids(tokenizer),
        d_model=WIDTH,
        d_kv=WIDTH // HEADS,
        d_ff=3 * WIDTH,
        num_layers=layers,
        num_heads=HEADS,
        feed_forward_proj="gated-gelu",
        dropout_rate=0.0,
        decoder_start_token_id=tokenizer.pad_token_id,
    )
    return T5ForConditionalGeneration(config)


def _token_ids(tokenizer: PreTrainedTokenizerFast) -> dict[str, Any]:
    return {
        "vocab_size": len(tokenizer),
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }


def _draw_weights(model: PreTrainedModel, generator: torch.Generator) -> None:
    """Fill every matrix; norms and biases keep the constants that their class gives them."""
    for name, weight in model.named_parameters():
        if weight.dim() < 2:
            continue
        scale = _embedding_scale(model) if _is_embedding(name) else 0.8 * weight.shape[1] ** -0.5
        if name.endswith(".q.weight"):  # T5 does not divide its attention scores
            scale *= (WIDTH // HEADS) ** -0.5
        torch.nn.init.normal_(weight, std=scale, generator=generator)


def _embedding_scale(model: PreTrainedModel) -> float:
    return 1.0 if model.config.is_encoder_decoder else 0.05


def _is_embedding(name: str) -> bool:
    return "embed" in name or "shared" in name
