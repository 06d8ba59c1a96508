"""A real language model of a few kilobytes, made without torch, which this process never loads."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

VOCABULARY = 257
WIDTH, INNER, HEADS = 8, 16, 2
CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": WIDTH,
    "intermediate_size": INNER,
    "num_hidden_layers": 1,
    "num_attention_heads": HEADS,
    "num_key_value_heads": HEADS,
    "max_position_embeddings": 1024,
    "rms_norm_eps": 1e-6,
    "tie_word_embeddings": True,
    "vocab_size": VOCABULARY,
    "bos_token_id": 0,
    "eos_token_id": 0,
    "pad_token_id": 0,
    "dtype": "float32",
}
LAYER = {
    "self_attn.q_proj": (WIDTH, WIDTH),
    "self_attn.k_proj": (WIDTH, WIDTH),
    "self_attn.v_proj": (WIDTH, WIDTH),
    "self_attn.o_proj": (WIDTH, WIDTH),
    "mlp.gate_proj": (INNER, WIDTH),
    "mlp.up_proj": (INNER, WIDTH),
    "mlp.down_proj": (WIDTH, INNER),
    "input_layernorm": (WIDTH,),
    "post_attention_layernorm": (WIDTH,),
}


def write_model(folder: Path, seed: int) -> Path:
    """Write a Llama of one layer with random weights, which reads bytes."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    shapes = {f"model.layers.0.{name}.weight": shape for name, shape in LAYER.items()}
    shapes |= {"model.embed_tokens.weight": (VOCABULARY, WIDTH), "model.norm.weight": (WIDTH,)}
    tensors = {name: rng.standard_normal(shape).astype("float32") for name, shape in shapes.items()}
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    (folder / "config.json").write_text(json.dumps(CONFIG))
    (folder / "tokenizer.json").write_text(json.dumps(_tokenizer()))
    named = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<s>", "bos_token": "<s>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(named))
    return folder


def _tokenizer() -> dict[str, object]:
    """A tokenizer of single bytes and one special token."""
    from tokenizers.pre_tokenizers import ByteLevel

    letters = sorted(ByteLevel.alphabet())
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    special = {"id": 0, "content": "<s>", "special": True, "normalized": False}
    flags = {"single_word": False, "lstrip": False, "rstrip": False}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{**special, **flags}],
        "normalizer": None,
        "pre_tokenizer": {**level, "use_regex": True},
        "post_processor": None,
        "decoder": {**level, "use_regex": True},
        "model": {
            "type": "BPE",
            "vocab": {"<s>": 0} | {letter: place for place, letter in enumerate(letters, 1)},
            "merges": [],
        },
    }
