"""Which protocol decides: the best witness, whatever the order in which they are named."""

from dataclasses import replace
from itertools import permutations

import pytest

from app.dna.protocol import (
    Protocol,
    lexical_sampled_v1,
    lexical_v1,
    likelihood_v1,
    reported_vectors,
)
from app.services.combining import decisive
from tests.store.making import answers_protocol

SENTENCES = replace(lexical_v1(), name="sentences", encoder="sentence")
VECTORS = reported_vectors("vectors", 8)
# From the best witness to the worst; of equals the one that asks most.
WITNESSES = [
    likelihood_v1(),
    lexical_sampled_v1(),
    lexical_v1(),
    answers_protocol("two probes"),
    SENTENCES,
    VECTORS,
]


@pytest.mark.parametrize("first", range(len(WITNESSES)))
def test_the_best_witness_decides(first: int) -> None:
    assert decisive(WITNESSES[first:]) is WITNESSES[first]
    assert decisive(WITNESSES[first:][::-1]) is WITNESSES[first]


def test_of_equals_the_order_does_not_count() -> None:
    equals: list[Protocol] = [answers_protocol(name) for name in ("b", "a", "c")]
    assert {decisive(order).name for order in permutations(equals)} == {"a"}
