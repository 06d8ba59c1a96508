"""Answers of one batch: a token of each row a step, until all have ended.

Rows that have ended leave the batch, because on a CPU every row costs (see tests for what that
does not change). Beside transformers' own generation this saves most of what is done between two
passes, and the copies of its cache.
"""

from collections.abc import Sequence
from typing import Any

import torch

from workers.llms.choosing import choose
from workers.llms.facts import Facts
from workers.llms.reading import begin
from workers.llms.role import Decoding

LEAVING = 8  # rows leave once one in so many has ended: a cut copies the rows that stay


@torch.inference_mode()
def answer(
    model: Any,
    facts: Facts,
    prompts: Sequence[Sequence[int]],
    decoding: Decoding,
    seeds: Sequence[int],
    pass_tokens: int,
) -> list[list[int]]:
    """Return the new token ids of each prompt up to its first stop, which is left out.

    Prompts are read in passes of about `pass_tokens` tokens. Raises ModelError `nan_logits`,
    `forward_failed`, `unsupported_cache`.
    """
    rows = begin(model, facts, prompts, decoding.max_new_tokens - 1, pass_tokens)
    answers: list[list[int]] = [[] for _ in prompts]
    present, going = list(range(len(prompts))), set(range(len(prompts)))
    for step in range(decoding.max_new_tokens):
        tokens = choose(rows.logits, decoding, [seeds[at] for at in present], step)
        for at, token in zip(present, tokens.tolist(), strict=True):
            if token in facts.stops:
                going.discard(at)
            elif at in going:
                answers[at].append(token)
        if not going or step + 1 == decoding.max_new_tokens:
            break
        if len(present) - len(going) >= len(present) / LEAVING:
            kept = [row for row, at in enumerate(present) if at in going]
            keep = torch.tensor(kept, device=tokens.device)
            rows.keep(keep)
            tokens, present = tokens[keep], [present[row] for row in kept]
        rows.read(tokens)
    return answers
