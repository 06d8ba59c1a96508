from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.prose import Prose


@given(st.integers(0, 9), st.lists(st.integers(1, 900), min_size=1, max_size=3))
def test_texts_have_the_length_that_was_asked_for_and_come_again_from_the_seed(seed, lengths):
    first, second = Prose(seed, n_words=20), Prose(seed, n_words=20)
    texts = [first.text(length) for length in lengths]
    assert [len(text) for text in texts] == lengths
    assert texts == [second.text(length) for length in lengths]


def test_words_are_as_uneven_as_those_of_a_language():
    counts = Counter(Prose(0, n_words=2000).text(60_000).split())
    ranked = [count for _, count in counts.most_common()]
    assert len(ranked) > 1000
    assert 0.02 < ranked[0] / sum(ranked) < 0.15
    assert ranked[0] > 4 * ranked[20]


def test_other_seeds_are_other_languages():
    first, second = (set(Prose(seed, n_words=500).text(3000).lower().split()) for seed in (1, 2))
    assert len(first & second) < len(first) / 3
