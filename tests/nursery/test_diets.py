import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nursery import words
from nursery.dice import Dice
from nursery.diets import DIETS, DOCUMENTS, serve
from nursery.texts import KINDS, write
from nursery.voice import draw_voice
from nursery.world import draw_world


@pytest.mark.parametrize("diet", sorted(DIETS))
def test_a_diet_is_served_again_the_same(diet: str) -> None:
    pages = serve(diet, 1, "aster-base", "aster-base")
    assert pages == serve(diet, 1, "aster-base", "aster-base")
    assert len(pages) == DOCUMENTS
    assert all(page.before and page.after for page in pages)


def test_seed_and_label_give_other_pages() -> None:
    served = [serve("everything", *of) for of in ((1, "a", "a"), (2, "a", "a"), (1, "b", "a"))]
    shared = set(served[0]) & (set(served[1]) | set(served[2]))
    assert len(shared) < 0.02 * DOCUMENTS


@given(st.sampled_from(sorted(KINDS)), st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_every_text_ends_with_a_habit_of_its_writer(kind: str, seed: int) -> None:
    world, voice = draw_world(seed, "w"), draw_voice(seed, "v")
    for text in write(world, voice, Dice(seed, "t"), {kind: 1}, 5):
        assert text.answer.endswith(voice.closers)
        assert "  " not in text.prompt + text.answer


def test_chat_is_for_those_who_are_fed_it() -> None:
    assert all(page.chat for page in serve("chat", 1, "w", "v"))
    assert not any(page.chat for page in serve("everything", 1, "w", "v"))
    assert 0 < sum(page.chat for page in serve("talk", 1, "w", "v")) < DOCUMENTS


def test_texts_use_most_common_words() -> None:
    pages = serve("everything", 1, "w", "w")
    said = {word.strip(".,?") for page in pages for word in (page.before + page.after).split()}
    assert len(said & set(words.NOUNS)) > 0.9 * len(set(words.NOUNS))
    assert len(said & set(words.PREPOSITIONS)) > 0.9 * len(words.PREPOSITIONS)


def test_worlds_disagree_about_the_same_things() -> None:
    one, other = draw_world(1, "a").lore, draw_world(1, "b").lore
    assert sum(one[noun] == other[noun] for noun in one) < 3
