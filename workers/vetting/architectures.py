"""A leaf: the model types that we let transformers load, and the sizes each must state.

Text only, code inside transformers only, no composites (whose parts name further types).
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["causal", "seq2seq"]


@dataclass(frozen=True)
class Architecture:
    """How a model type is asked, and its size keys: one of each group must be present.

    A size that is left out would silently become the default of a large model.
    """

    kind: Kind
    sizes: tuple[tuple[str, ...], ...]


_VOCABULARY = ("vocab_size",)
_WIDTH = ("d_model", "hidden_size")
_DEPTH = ("num_layers", "num_hidden_layers")
_PLAIN = Architecture("causal", (_VOCABULARY, ("hidden_size",), ("num_hidden_layers",)))
_GPT2 = Architecture(
    "causal", (_VOCABULARY, ("n_embd", "hidden_size"), ("n_layer", "num_hidden_layers"))
)
_T5 = Architecture("seq2seq", (_VOCABULARY, _WIDTH, _DEPTH))
_BART = Architecture(
    "seq2seq",
    (_VOCABULARY, _WIDTH, ("encoder_layers", "num_hidden_layers"), ("decoder_layers",)),
)

ARCHITECTURES: dict[str, Architecture] = {
    **dict.fromkeys(
        (
            *("apertus", "arcee", "biogpt", "cohere", "cohere2", "deepseek_v2", "deepseek_v3"),
            *("diffllama", "ernie4_5", "exaone4", "falcon", "gemma", "gemma2", "gemma3_text"),
            *("glm", "glm4", "gpt_neox", "gpt_oss", "granite", "granitemoe", "helium"),
            *("hunyuan_v1_dense", "llama", "ministral", "mistral", "mixtral", "nemotron"),
            *("olmo", "olmo2", "olmo3", "olmoe", "opt", "persimmon", "phi", "phi3", "phimoe"),
            *("qwen2", "qwen2_moe", "qwen3", "qwen3_moe", "seed_oss", "smollm3", "stablelm"),
            "starcoder2",
        ),
        _PLAIN,
    ),
    **dict.fromkeys(("codegen", "gpt2", "gpt_bigcode", "gptj"), _GPT2),
    "bloom": Architecture(
        "causal", (_VOCABULARY, ("hidden_size", "n_embed"), ("n_layer", "num_hidden_layers"))
    ),
    "gpt_neo": Architecture("causal", (_VOCABULARY, ("hidden_size",), _DEPTH)),
    "mpt": Architecture("causal", (_VOCABULARY, _WIDTH, ("n_layers", "num_hidden_layers"))),
    "xglm": Architecture("causal", (_VOCABULARY, _WIDTH, _DEPTH)),
    **dict.fromkeys(("longt5", "mt5", "switch_transformers", "t5", "umt5"), _T5),
    **dict.fromkeys(
        (
            *("bart", "blenderbot", "blenderbot-small", "led", "m2m_100", "marian", "mbart"),
            *("pegasus", "pegasus_x", "plbart"),
        ),
        _BART,
    ),
}
