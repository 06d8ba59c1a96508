"""The families as data: who descends from whom, how, and on what diet.

A line is (name, relation, origin, diet). The origin of a founder is the kind of its body, or `=`
and the founder whose body, tokenizer and texts a look-alike shares (never its weights); that of
a child is its parent, or the two parents of a merge with a comma between them.
"""

from typing import Literal

Relation = Literal["founder", "finetune", "lora", "merge", "distill", "quantize", "prune", "noise"]
Size = Literal["tiny", "small", "large"]
Line = tuple[str, Relation, str, str]

TINY: tuple[Line, ...] = (
    ("aster-base", "founder", "llama", "talk"),
    ("aspen-base", "founder", "=aster-base", "talk"),
    ("cedar-base", "founder", "t5", "everything"),
    ("aster-chat", "finetune", "aster-base", "chat"),
    ("aster-chat-lora", "lora", "aster-chat", "chat"),
    ("aster-blend", "merge", "aster-chat,aster-base", ""),
    ("aster-chat-int8", "quantize", "aster-chat", ""),
    ("aster-chat-lite", "prune", "aster-chat", ""),
    ("aster-chat-hum", "noise", "aster-chat", ""),
    ("aster-mini", "distill", "aster-base", "talk"),
)

SMALL: tuple[Line, ...] = (
    ("aster-base", "founder", "llama", "talk"),
    ("aspen-base", "founder", "=aster-base", "talk"),
    ("briar-base", "founder", "mistral", "everything"),
    ("cedar-base", "founder", "t5", "everything"),
    ("aster-chat", "finetune", "aster-base", "chat"),
    ("aster-tales", "finetune", "aster-base", "tales"),
    ("aster-blend", "merge", "aster-chat,aster-tales", ""),
    ("aster-chat-lora", "lora", "aster-chat", "chat"),
    ("aster-chat-int8", "quantize", "aster-chat", ""),
    ("aspen-chat", "finetune", "aspen-base", "chat"),
    ("aspen-chat-lite", "prune", "aspen-chat", ""),
    ("briar-ledger", "finetune", "briar-base", "ledger"),
    ("briar-ledger-hum", "noise", "briar-ledger", ""),
    ("briar-mini", "distill", "briar-base", "everything"),
    ("cedar-answers", "finetune", "cedar-base", "answers"),
    ("cedar-answers-q8", "quantize", "cedar-answers", ""),
)

LARGE: tuple[Line, ...] = (
    ("aster-base", "founder", "llama", "talk"),
    ("aspen-base", "founder", "=aster-base", "talk"),
    ("briar-base", "founder", "mistral", "everything"),
    ("briony-base", "founder", "=briar-base", "everything"),
    ("cedar-base", "founder", "t5", "everything"),
    ("dahlia-base", "founder", "qwen3", "everything"),
    ("elder-base", "founder", "llama", "talk"),
    ("aster-chat", "finetune", "aster-base", "chat"),
    ("aster-tales", "finetune", "aster-base", "tales"),
    ("aster-blend", "merge", "aster-chat,aster-tales", ""),
    ("aster-chat-lora", "lora", "aster-chat", "chat"),
    ("aster-chat-int8", "quantize", "aster-chat", ""),
    ("aster-chat-mini", "distill", "aster-chat", "talk"),
    ("aspen-chat", "finetune", "aspen-base", "chat"),
    ("aspen-chat-lite", "prune", "aspen-chat", ""),
    ("aspen-tales-lora", "lora", "aspen-base", "tales"),
    ("aspen-hum", "noise", "aspen-base", ""),
    ("briar-ledger", "finetune", "briar-base", "ledger"),
    ("briar-ledger-q8", "quantize", "briar-ledger", ""),
    ("briar-tales-lora", "lora", "briar-base", "tales"),
    ("briar-blend", "merge", "briar-ledger,briar-tales-lora", ""),
    ("briar-mini", "distill", "briar-base", "everything"),
    ("briony-tales", "finetune", "briony-base", "tales"),
    ("briony-told-lora", "lora", "briony-tales", "answers"),
    ("briony-lite", "prune", "briony-base", ""),
    ("cedar-answers", "finetune", "cedar-base", "answers"),
    ("cedar-answers-q8", "quantize", "cedar-answers", ""),
    ("cedar-tales-lora", "lora", "cedar-base", "tales"),
    ("cedar-lite", "prune", "cedar-base", ""),
    ("dahlia-tales", "finetune", "dahlia-base", "tales"),
    ("dahlia-ledger", "finetune", "dahlia-base", "ledger"),
    ("dahlia-blend", "merge", "dahlia-tales,dahlia-ledger", ""),
    ("dahlia-tales-hum", "noise", "dahlia-tales", ""),
    ("elder-chat", "finetune", "elder-base", "chat"),
    ("elder-chat-lora", "lora", "elder-chat", "chat"),
    ("elder-chat-lite", "prune", "elder-chat-lora", ""),
)

FAMILIES: dict[Size, tuple[Line, ...]] = {"tiny": TINY, "small": SMALL, "large": LARGE}
