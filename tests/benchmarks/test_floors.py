import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.floors import Asked, Limits
from benchmarks.llamas import NURSERY

tokens = st.lists(st.integers(2, 40), min_size=1, max_size=8)
rates = st.floats(1e6, 1e12)
limits = st.builds(Limits, rates, rates)


def whole(lengths: list[int]) -> Asked:
    return Asked(NURSERY, lengths, [list(range(len(lengths)))], 4)


def one_by_one(lengths: list[int]) -> Asked:
    return Asked(NURSERY, lengths, [[index] for index in range(len(lengths))], 4)


@given(tokens, limits, st.integers(1, 10))
def test_neither_arithmetic_nor_weights_can_be_faster_than_the_machine(lengths, best, new_tokens):
    asked = whole(lengths)
    weights_s = asked.weight_bytes / best.bytes_per_s
    assert asked.scoring_s(best, 1) >= max(asked.scoring_flops(1) / best.flops_per_s, weights_s)
    assert asked.prefill_s(best) >= weights_s
    assert asked.decoding_s(best, new_tokens) >= (new_tokens - 1) * weights_s


@given(tokens, limits, st.integers(1, 10))
def test_smaller_batches_never_lower_a_floor(lengths, best, new_tokens):
    few, many = whole(lengths), one_by_one(lengths)
    slack = 1 + 1e-9
    assert few.scoring_s(best, 1) <= many.scoring_s(best, 1) * slack
    assert few.prefill_s(best) <= many.prefill_s(best) * slack
    assert few.decoding_s(best, new_tokens) <= many.decoding_s(best, new_tokens) * slack


def test_an_answer_of_one_token_is_all_prefill():
    assert whole([3, 5]).decoding_s(Limits(1.0, 1.0), 1) == 0


def test_a_machine_of_endless_memory_bandwidth_is_bound_by_arithmetic():
    asked = whole([3, 5])
    best = Limits(2.0, float("inf"))
    steps = [NURSERY.flops(at, at + 1, 1) for at in (3, 5, 4, 6)]
    assert asked.decoding_s(best, 3) == pytest.approx(sum(steps) / 2)


def test_the_cache_holds_every_row_up_to_the_longest():
    asked = Asked(NURSERY, [3, 5, 9], [[0, 1], [2]], 4)
    per_token = 2 * NURSERY.layers * NURSERY.kv_width * 4
    assert asked.cache_bytes(new_tokens=2) == 2 * (5 + 2) * per_token
    assert asked.cache_bytes(new_tokens=0) == 2 * 5 * per_token
