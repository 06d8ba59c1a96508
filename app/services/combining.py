"""Use case: which protocol has the last word where two models share several.

Not all of them together: a look-alike (the same architecture, tokenizer and texts) deceives
texts far more often than log-probabilities, so that adding text to likelihoods made the verdicts
worse (docs/relations.md). The best witness decides; the others are shown.
"""

from collections.abc import Sequence

from app.dna.protocol import Encoder, Protocol

# From the best witness to the worst, as measured; a sentence encoder sees meaning, not descent.
ORDER: tuple[Encoder, ...] = ("likelihood", "lexical", "sentence", "identity")


def decisive(shared: Sequence[Protocol]) -> Protocol:
    """The one of several protocols that decides; of equals the one that asks most."""
    return min(shared, key=lambda one: (ORDER.index(one.encoder), -one.n_items, one.name))
