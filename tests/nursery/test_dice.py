from hypothesis import given
from hypothesis import strategies as st

from nursery.dice import Dice, seed_for

LABELS = st.lists(st.text(max_size=5), max_size=3)


@given(st.integers(), LABELS)
def test_seeds_suit_every_generator(seed: int, labels: list[str]) -> None:
    assert 0 <= seed_for(seed, *labels) < 2**63


def test_a_seed_is_the_same_on_every_platform() -> None:
    # blake2b of "1/world/aster-base", 8 bytes, big-endian, halved
    assert seed_for(1, "world", "aster-base") == 3089432152750548838


def test_labels_give_other_seeds() -> None:
    seeds = {seed_for(seed, label) for seed in range(20) for label in "abcde"}
    assert len(seeds) == 100


@given(st.integers(0, 1000), st.integers(1, 30))
def test_choices_are_among_the_items(seed: int, size: int) -> None:
    dice, items = Dice(seed), list(range(size))
    assert dice.pick(items) in items
    assert dice.early(items) in items
    assert dice.between(3, 5) in (3, 4, 5)
    assert 0.25 <= dice.share(0.25, 0.5) < 0.5
    picked = dice.sample(items, min(4, size))
    assert len(set(picked)) == min(4, size)


def test_early_prefers_the_first() -> None:
    dice = Dice(1)
    drawn = [dice.early(range(10)) for _ in range(2000)]
    assert drawn.count(0) > 3 * drawn.count(9)


def test_chance_follows_its_probability() -> None:
    dice = Dice(1)
    assert not any(dice.chance(0.0) for _ in range(50))
    assert 350 < sum(dice.chance(0.4) for _ in range(1000)) < 450
