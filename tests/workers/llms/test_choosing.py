"""What is drawn is a function of a row's logits, seed and step, and follows the model's chances."""

from collections import Counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from app.errors import ModelError
from workers.llms.choosing import choose, uniform
from workers.llms.role import Decoding

SEEDS = st.integers(0, 2**53 - 1)
STEPS = st.integers(0, 5000)
DRAWS = 4000


def _decoding(temperature: float = 1.0, top_p: float = 1.0) -> Decoding:
    return Decoding(1, False, temperature, top_p)


def _logits(rows: int, tokens: int = 40) -> torch.Tensor:
    return torch.randn(rows, tokens, generator=torch.Generator().manual_seed(rows)) * 2


def _drawn(logits: torch.Tensor, decoding: Decoding, draws: int = DRAWS) -> Counter[int]:
    """How often each token is drawn for one row of logits, with one seed a draw."""
    rows = logits.expand(draws, -1)
    return Counter(choose(rows, decoding, range(draws), 0).tolist())


@given(SEEDS, STEPS)
def test_a_die_is_a_number_from_0_to_below_1(seed: int, step: int) -> None:
    assert 0 <= uniform(seed, step) < 1
    assert uniform(seed, step) == uniform(seed, step)
    assert uniform(seed, step) != uniform(seed, step + 1)
    assert uniform(seed, step) != uniform(seed + 1, step)


def test_dice_are_the_published_generators() -> None:
    # What splitmix64 of prng.di.unimi.it gives first from state 0, whose mixed seed is 0.
    first = (0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F)
    assert [uniform(0, step) for step in range(3)] == [(word >> 11) / 2**53 for word in first]


def test_dice_of_seeds_and_steps_are_even() -> None:
    for dice in (
        [uniform(seed, 7) for seed in range(DRAWS)],
        [uniform(7, step) for step in range(DRAWS)],
        [uniform(at, at) for at in range(DRAWS)],
    ):
        counts = Counter(int(20 * die) for die in dice)
        assert chisquare([counts[part] for part in range(20)]).pvalue > 1e-4


@given(st.permutations(range(6)), st.integers(1, 6), STEPS, st.sampled_from([0.3, 0.9, 1.0]))
def test_other_rows_and_their_order_change_nothing(
    order: list[int], rows: int, step: int, top_p: float
) -> None:
    logits, seeds = _logits(6), [11, 22, 33, 44, 55, 66]
    whole = choose(logits, _decoding(0.7, top_p), seeds, step)
    part = order[:rows]
    drawn = choose(logits[part], _decoding(0.7, top_p), [seeds[row] for row in part], step)
    assert drawn.tolist() == whole[part].tolist()


@given(st.lists(SEEDS, min_size=5, max_size=5), STEPS)
def test_cold_or_narrow_sampling_is_greedy(seeds: list[int], step: int) -> None:
    logits = _logits(5)
    greedy = choose(logits, _decoding(0.0), seeds, step).tolist()
    assert greedy == logits.argmax(dim=1).tolist()
    assert choose(logits, _decoding(1e-4), seeds, step).tolist() == greedy
    assert choose(logits, _decoding(1.0, 1e-6), seeds, step).tolist() == greedy


@pytest.mark.parametrize("temperature", [0.7, 1.0, 2.0])
def test_draws_follow_the_softmax(temperature: float) -> None:
    logits = _logits(1, 12)
    counts = _drawn(logits, _decoding(temperature))
    expected = torch.softmax(logits[0].double() / temperature, dim=0) * DRAWS
    assert chisquare([counts[token] for token in range(12)], expected.tolist()).pvalue > 1e-4


@pytest.mark.parametrize(
    ("top_p", "kept"), [(0.4, [3]), (0.5, [3]), (0.6, [3, 0]), (0.85, [3, 0, 2])]
)
def test_the_likeliest_tokens_that_make_up_top_p_are_drawn_alone(
    top_p: float, kept: list[int]
) -> None:
    chances = torch.tensor([[0.25, 0.05, 0.15, 0.5, 0.05]], dtype=torch.float64)
    counts = _drawn(chances.log(), _decoding(1.0, top_p))
    assert set(counts) == set(kept)
    expected = chances[0, kept] / chances[0, kept].sum() * DRAWS
    if len(kept) > 1:
        assert chisquare([counts[token] for token in kept], expected.tolist()).pvalue > 1e-4


def test_impossible_tokens_are_never_drawn() -> None:
    logits = torch.full((1, 9), -torch.inf)
    logits[0, [2, 8]] = 0.0
    assert set(_drawn(logits, _decoding(), 200)) == {2, 8}
    assert set(_drawn(logits, _decoding(top_p=0.99), 200)) == {2, 8}


@pytest.mark.parametrize("bad", [torch.nan, torch.inf])
@pytest.mark.parametrize("temperature", [0.0, 0.7])
def test_logits_without_a_likeliest_token_are_refused(bad: float, temperature: float) -> None:
    logits = _logits(2)
    logits[1, 5] = bad
    with pytest.raises(ModelError) as caught:
        choose(logits, _decoding(temperature), [0, 0], 0)
    assert caught.value.code == "nan_logits"
    with pytest.raises(ModelError):
        choose(torch.full((1, 4), -torch.inf), _decoding(temperature), [0], 0)
