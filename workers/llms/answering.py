"""Greedy answers of one batch, by transformers' own generation.

Answers of causal models grow in stretches of STRETCH tokens; after each, rows that have ended
leave the batch, because on a CPU every row costs (see tests for what that does not change).
"""

from collections.abc import Sequence
from typing import Any

import torch
from transformers import DynamicCache, GenerationConfig, LogitsProcessor, LogitsProcessorList
from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

from app.errors import ModelError
from workers.llms import batches
from workers.llms.facts import Facts
from workers.llms.failures import failing_as

STRETCH = 16
_CUTTABLE = {DynamicLayer, DynamicSlidingWindowLayer}  # a recurrent state is not


class _Likeliest(LogitsProcessor):  # type: ignore[misc]  # transformers publishes no types
    """Changes nothing; refuses scores of which no token is the likeliest."""

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Return `scores`, shape (rows, vocabulary); single tokens may be impossible (-inf)."""
        if not torch.isfinite(scores.amax(dim=-1)).all():
            raise ModelError("nan_logits", "Repair the weights: the model gives no finite logits.")
        return scores


def answer_causal(
    model: Any, facts: Facts, prompts: Sequence[Sequence[int]], max_new_tokens: int
) -> list[list[int]]:
    """Return the new token ids of each prompt up to its first stop, which is left out.

    Raises ModelError `nan_logits`, `forward_failed`.
    """
    ids, mask = batches.pad(prompts, facts.fill, left=True), batches.mask(prompts, left=True)
    ids, mask = ids.to(model.device), mask.to(model.device)
    answers: list[list[int]] = [[] for _ in prompts]
    alive, cache = list(range(len(prompts))), None
    for done in range(0, max_new_tokens, STRETCH):
        config = _greedy(facts, min(STRETCH, max_new_tokens - done))
        grown = _generate(model, config, input_ids=ids, attention_mask=mask, past_key_values=cache)
        new = grown.sequences[:, ids.shape[1] :].tolist()
        for row, tokens in zip(alive, new, strict=True):
            answers[row] += tokens
        going = [at for at, tokens in enumerate(new) if not set(tokens) & set(facts.stops)]
        if not going:
            break
        alive, keep = [alive[at] for at in going], torch.tensor(going, device=model.device)
        ids = grown.sequences[keep]
        mask = torch.nn.functional.pad(mask[keep], (0, len(new[0])), value=1)
        cache = _of_rows(grown.get("past_key_values"), keep)
    return [_until_stop(answer, facts) for answer in answers]


def answer_decoder(
    model: Any, facts: Facts, prompts: Sequence[Sequence[int]], max_new_tokens: int
) -> list[list[int]]:
    """Return the decoder's token ids for each prompt, from the first to the stop."""
    ids, mask = batches.pad(prompts, facts.fill), batches.mask(prompts)
    grown = _generate(model, _greedy(facts, max_new_tokens), input_ids=ids, attention_mask=mask)
    return [_until_stop(row, facts) for row in grown.sequences[:, 1:].tolist()]


def _greedy(facts: Facts, new_tokens: int) -> GenerationConfig:
    """Return a complete generation config, so that nothing comes from the repository's."""
    return GenerationConfig(
        do_sample=False,
        num_beams=1,
        max_new_tokens=new_tokens,
        eos_token_id=list(facts.stops) or None,
        pad_token_id=facts.fill,
        decoder_start_token_id=facts.start,
        use_cache=True,
        return_dict_in_generate=True,
    )


def _generate(model: Any, config: GenerationConfig, **inputs: Any) -> Any:
    inputs = {
        name: value.to(model.device) if isinstance(value, torch.Tensor) else value
        for name, value in inputs.items()
    }
    with failing_as("forward_failed", "The model could not be run"), torch.inference_mode():
        return model.generate(
            **inputs,
            generation_config=config,
            logits_processor=LogitsProcessorList([_Likeliest()]),
        )


def _of_rows(cache: Any, keep: torch.Tensor) -> DynamicCache | None:
    """Cut a cache to some rows; None, which makes the model read them again, where it cannot."""
    if not isinstance(cache, DynamicCache) or {type(layer) for layer in cache.layers} - _CUTTABLE:
        return None
    cache.batch_select_indices(keep)
    return cache


def _until_stop(tokens: list[int], facts: Facts) -> list[int]:
    end = next((at for at, token in enumerate(tokens) if token in facts.stops), len(tokens))
    return tokens[:end]
