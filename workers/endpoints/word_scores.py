"""Log-probabilities of words from those of an API's tokens, by the rule for weights."""

import math

from workers.endpoints.alignment import places
from workers.endpoints.replies import Scored, no_likelihoods
from workers.llms.words import UNSCORED, scored_slots, split_passage


def word_scores(passage: str, tokens: Scored, scored_words: int) -> list[float]:
    """Return the summed natural-log probability of each of the last `scored_words` words.

    Raises ModelError `no_likelihoods` where a token of theirs has none, `tokens_unlike_text`,
    and what `split_passage` raises.
    """
    split_passage(passage, scored_words)
    spans = places([text for text, _ in tokens], passage)
    slots = scored_slots(passage, spans, scored_words)
    words: list[list[float]] = [[] for _ in range(scored_words)]
    for slot, (_, value) in zip(slots, tokens, strict=True):
        if slot == UNSCORED:
            continue
        if value is None:
            raise no_likelihoods()
        words[slot].append(value)
    return [math.fsum(values) for values in words]
