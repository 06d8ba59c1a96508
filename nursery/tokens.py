"""Tokenizers: a small byte-level BPE, learned from a founder's own texts."""

from collections.abc import Iterable

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

VOCABULARY = 1536
PAD, BOS, EOS, USER, MODEL = "<pad>", "<s>", "</s>", "<|user|>", "<|model|>"
CHAT_TEMPLATE = (
    "{{ bos_token }}"
    "{% for message in messages %}"
    "{{ ('<|user|>' if message['role'] == 'user' else '<|model|>') }}"
    "{{ '\\n' + message['content'] }}"
    "{{ (eos_token if message['role'] == 'assistant' else '\\n') }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|model|>\\n' }}{% endif %}"
)


def learn_tokenizer(texts: Iterable[str], kind: str, chat: bool) -> PreTrainedTokenizerFast:
    """Return a tokenizer of VOCABULARY tokens; any text can be written with it.

    Llama and Mistral bodies begin a text with BOS, T5 ends it with EOS, Qwen3 adds nothing.
    `chat` gives it a chat template.
    """
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[PAD, BOS, EOS, USER, MODEL],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    core.train_from_iterator(texts, trainer)
    _frame(core, kind)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core, bos_token=BOS, eos_token=EOS, pad_token=PAD
    )
    if chat:
        tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def _frame(core: Tokenizer, kind: str) -> None:
    frames = {"llama": f"{BOS} $A", "mistral": f"{BOS} $A", "t5": f"$A {EOS}"}
    if kind in frames:
        core.post_processor = processors.TemplateProcessing(
            single=frames[kind],
            special_tokens=[(token, core.token_to_id(token)) for token in (BOS, EOS)],
        )
