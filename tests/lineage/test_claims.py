"""A claim is supported, contradicted or undecided, whatever the verdict on the two models."""

from app.dna.relations import RELATIVES, VERDICTS
from app.lineage.claims import support


def test_every_verdict_says_something_of_a_claim() -> None:
    assert {support(verdict) for verdict in RELATIVES} == {"supported"}
    assert support("unrelated") == "contradicted"
    assert support("inconclusive") == "undecided"
    assert len(VERDICTS) == len(RELATIVES) + 2
