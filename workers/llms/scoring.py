"""Log-probabilities of words, summed over the tokens of each word; one forward pass a call.

A causal model sees the passage but for its last token, which predicts nothing; an encoder-decoder
reads the context and its decoder is forced through the scored words. Logits are taken only where
they are needed, log-softmax row by row, in float32, so that a vocabulary of 250,000 fits.
"""

from collections.abc import Sequence
from typing import Any, cast

import torch

from app.errors import ModelError
from workers.llms import batches
from workers.llms.facts import Facts
from workers.llms.failures import failing_as
from workers.llms.forward import run
from workers.llms.texts import Tokens
from workers.llms.words import UNSCORED


def score_causal(
    model: Any, facts: Facts, rows: Sequence[Tokens], scored_words: int
) -> list[list[float]]:
    """Return the log-probabilities of the scored words of each passage, shape (rows, words).

    Raises ModelError `nan_logits` where one is not finite.
    """
    first = min(_first_scored(row) for row in rows)  # at least 1: word 0 is context
    ids = batches.pad([row.ids for row in rows], facts.fill)
    mask = batches.mask([row.ids for row in rows])
    kept = ids.shape[1] - first  # from the position that predicts the first scored token
    logits = run(
        model,
        input_ids=ids[:, :-1],
        attention_mask=mask[:, :-1],
        logits_to_keep=kept,
        use_cache=False,
    ).logits
    slots = batches.pad([row.slots for row in rows], UNSCORED)
    return _word_scores(logits[:, -kept:], ids[:, first:], slots[:, first:], scored_words)


def score_decoder(
    model: Any, facts: Facts, rows: Sequence[tuple[Tokens, Tokens]], scored_words: int
) -> list[list[float]]:
    """Return the log-probabilities of the words of each row's second text given its first.

    The shape is (rows, words). Raises ModelError `nan_logits` where one is not finite.
    """
    contexts, targets = zip(*rows, strict=True)
    ids = batches.pad([row.ids for row in targets], facts.fill)
    forced = [_decoder_inputs(model, facts, row.ids) for row in targets]
    logits = run(
        model,
        input_ids=batches.pad([row.ids for row in contexts], facts.fill),
        attention_mask=batches.mask([row.ids for row in contexts]),
        decoder_input_ids=batches.pad(forced, facts.fill),
        use_cache=False,
    ).logits
    slots = batches.pad([row.slots for row in targets], UNSCORED)
    return _word_scores(logits, ids, slots, scored_words)


def _decoder_inputs(model: Any, facts: Facts, ids: list[int]) -> list[int]:
    """Return what the decoder sees when it is forced through `ids`: its start, then all but one.

    The model's own rule goes first, because that of mBART is another.
    """
    shift = getattr(model, "prepare_decoder_input_ids_from_labels", None)
    if shift is None:
        return [cast("int", facts.start), *ids[:-1]]
    with failing_as("forward_failed", "The model could not be run"):
        shifted: list[int] = shift(torch.tensor([ids], device=model.device))[0].tolist()
    return shifted


def _first_scored(row: Tokens) -> int:
    return next((at for at, slot in enumerate(row.slots) if slot != UNSCORED), len(row.ids))


def _word_scores(
    logits: torch.Tensor, ids: torch.Tensor, slots: torch.Tensor, scored_words: int
) -> list[list[float]]:
    """Sum log-probabilities by word; logits (rows, n, vocabulary), `ids` and `slots` (rows, n)."""
    scores = torch.zeros(len(ids), scored_words, dtype=torch.float64)
    for row, (row_ids, row_slots) in enumerate(zip(ids, slots, strict=True)):
        at = (row_slots != UNSCORED).nonzero().squeeze(1)
        needed = logits[row, at.to(logits.device)].float()
        chosen = needed.gather(1, row_ids[at].to(logits.device).unsqueeze(1)).squeeze(1)
        log_probabilities = (chosen - needed.logsumexp(1)).double().cpu()
        scores[row].index_add_(0, row_slots[at], log_probabilities)
    if not torch.isfinite(scores).all():
        raise ModelError("nan_logits", "Repair the weights: a log-probability is not finite.")
    values: list[list[float]] = scores.tolist()
    return values
