"""Tiny real models with random weights and tokenizers trained here, in Hugging Face format."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    BlenderbotConfig,
    GPT2Config,
    LlamaConfig,
    MBartConfig,
    MistralConfig,
    PreTrainedConfig,
    PreTrainedTokenizerFast,
    T5Config,
)
from transformers.models.auto import modeling_auto

from workers.llms.transformers_llm import TransformersLLM, load

WORDS = [
    *("river", "stone", "paper", "cloud", "seven", "quiet", "market", "under", "yellow"),
    *("window", "carry", "dust", "engine", "follow", "garden", "hollow", "island", "jacket"),
    *("kettle", "ladder", "mirror", "needle", "orange", "pocket", "rabbit", "silver", "timber"),
]
TEMPLATE = (
    "{% for message in messages %}[{{ message.role }}] {{ message.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}[assistant] {% endif %}"
)
_SPECIAL = ["<pad>", "<s>", "</s>"]
_PAD, _BOS, _EOS = range(3)
STOPS = [_EOS, *range(30, 320, 15)]  # many, so that answers end at different times


def passage(start: int, words: int) -> str:
    """A passage of `words` words that begins at word `start` of the list."""
    return " ".join(WORDS[(start + 5 * step) % len(WORDS)] for step in range(words))


PASSAGES = [passage(start, 8 + start % 5) for start in range(11)]
PROMPTS = [*PASSAGES[:5], "a", "Name two rivers.\nThen stop:", "Où est la clé ? 鍵はどこ"]


def _tokenizer(vocabulary: int, *, sentence_pieces: bool = False) -> PreTrainedTokenizerFast:
    """A byte-level BPE without any special token around the text, or a BPE of pieces with <s>."""
    raw = Tokenizer(models.BPE(byte_fallback=sentence_pieces))
    if sentence_pieces:
        raw.pre_tokenizer = pre_tokenizers.Metaspace()
        raw.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace()])
    else:
        raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        raw.decoder = decoders.ByteLevel()
    letters = [f"<0x{byte:02X}>" for byte in range(256)] if sentence_pieces else []
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=_SPECIAL + letters,
        initial_alphabet=[] if sentence_pieces else pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator([" ".join(WORDS)], trainer)
    if sentence_pieces:
        raw.post_processor = processors.TemplateProcessing(
            single="<s> $A", special_tokens=[("<s>", _BOS)]
        )
    names = dict(zip(("pad_token", "bos_token", "eos_token"), _SPECIAL, strict=True))
    return PreTrainedTokenizerFast(tokenizer_object=raw, **names)


def _t5_tokenizer() -> PreTrainedTokenizerFast:
    """As T5 has it: the end marked on every text, no beginning."""
    tokenizer = _tokenizer(300)
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", _EOS)]
    )
    return tokenizer


def _bart_tokenizer(template: str = "<s> $A </s>") -> PreTrainedTokenizerFast:
    """As BART has it: both ends marked. mBART marks the end and the language."""
    tokenizer = _tokenizer(300)
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single=template, special_tokens=[("<s>", _BOS), ("</s>", _EOS)]
    )
    return tokenizer


_IDS: dict[str, Any] = {"pad_token_id": _PAD, "bos_token_id": _BOS, "eos_token_id": _EOS}
_LLAMA = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 256,
    **_IDS,
}
_BART = {
    "vocab_size": 300,
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 48,
    "decoder_ffn_dim": 48,
    "max_position_embeddings": 128,
    "decoder_start_token_id": _EOS,
    **_IDS,
}
_BUILDERS: dict[str, Callable[[], tuple[PreTrainedConfig, PreTrainedTokenizerFast]]] = {
    "llama": lambda: (
        LlamaConfig(vocab_size=320, **{**_LLAMA, "eos_token_id": STOPS}),
        _tokenizer(320, sentence_pieces=True),
    ),
    "mistral": lambda: (
        MistralConfig(vocab_size=600, sliding_window=12, **_LLAMA),
        _tokenizer(300),  # fewer tokens than embeddings, as many real models have
    ),
    "gpt2": lambda: (
        GPT2Config(vocab_size=300, n_embd=32, n_layer=2, n_head=4, n_positions=128, **_IDS),
        _tokenizer(300),
    ),
    "t5": lambda: (
        T5Config(
            vocab_size=300,
            d_model=32,
            d_kv=8,
            d_ff=48,
            num_layers=2,
            num_heads=4,
            decoder_start_token_id=_PAD,
            pad_token_id=_PAD,
            eos_token_id=_EOS,
        ),
        _t5_tokenizer(),
    ),
    "mbart": lambda: (MBartConfig(**_BART), _bart_tokenizer("$A </s> <s>")),
    "blenderbot": lambda: (BlenderbotConfig(**_BART), _bart_tokenizer()),
}
CAUSAL = ["llama", "mistral", "gpt2"]
SEQ2SEQ = ["t5", "mbart", "blenderbot"]  # of which each begins a decoder's text otherwise


def kind_of(name: str) -> Any:
    """The kind of a fixture model."""
    return "seq2seq" if name in SEQ2SEQ else "causal"


def build(name: str, folder: Path) -> Path:
    """Save the fixture model `name`, the same weights every time, larger than usual ones."""
    config, tokenizer = _BUILDERS[name]()
    names = (
        modeling_auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING
        if name in SEQ2SEQ
        else modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING
    )
    model = names[type(config)](config)
    generator = torch.Generator().manual_seed(7)
    for parameter in model.parameters():
        if parameter.dim() > 1:
            parameter.data.normal_(0.0, 0.3, generator=generator)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every fixture model's folder, by name."""
    root = tmp_path_factory.mktemp("llms")
    return {name: build(name, root / name) for name in _BUILDERS}


@pytest.fixture(scope="session")
def llms(folders: dict[str, Path]) -> dict[str, TransformersLLM]:
    """Every fixture model, loaded by us."""
    return {name: load(folder, kind_of(name), threads=1) for name, folder in folders.items()}
