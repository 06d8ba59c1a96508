"""A leaf: what the files of a model are called, on the hub as in a folder."""

CARD_NAME = "README.md"
CONFIG_NAME = "config.json"
SINGLE_NAME = "model.safetensors"
INDEX_NAME = "model.safetensors.index.json"
ADAPTER_CONFIG_NAME = "adapter_config.json"
ADAPTER_NAME = "adapter_model.safetensors"
TOKENIZER_CONFIG_NAME = "tokenizer_config.json"
SPECIAL_TOKENS_NAME = "special_tokens_map.json"
TEMPLATE_NAME = "chat_template.jinja"
# Any one of these is a whole vocabulary.
VOCABULARIES = frozenset(
    {
        "tokenizer.json",
        "tokenizer.model",
        "spiece.model",
        "sentencepiece.bpe.model",
        "source.spm",
        "vocab.json",
        "vocab.txt",
    }
)
TOKENIZER_FILES = VOCABULARIES | {
    TOKENIZER_CONFIG_NAME,
    SPECIAL_TOKENS_NAME,
    TEMPLATE_NAME,
    "added_tokens.json",
    "merges.txt",
    "target.spm",
}
# How the names of pickles end, which can run code when they are loaded.
PICKLES = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl"})
