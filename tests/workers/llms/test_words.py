"""Tokens belong to words, whatever the tokenizer cuts a passage into."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InputError, ModelError
from workers.llms.words import UNSCORED, scored_slots, split_passage

PASSAGES = st.lists(st.text("abcé鍵", min_size=1, max_size=5), min_size=2, max_size=8)


@st.composite
def segmented(draw: st.DrawFn) -> tuple[str, list[tuple[int, int] | None]]:
    """A passage and any cut of it into spans, with added tokens in between."""
    text = " ".join(draw(PASSAGES))
    cuts = sorted(draw(st.sets(st.integers(1, len(text) - 1)))) if len(text) > 1 else []
    spans: list[tuple[int, int] | None] = []
    for span in zip([0, *cuts], [*cuts, len(text)], strict=True):
        spans += [None] * draw(st.integers(0, 1)) + [span]
    return text, [*spans, *([None] * draw(st.integers(0, 1)))]


@given(segmented(), st.data())
def test_a_token_belongs_to_the_word_of_its_first_letter(
    cut: tuple[str, list[tuple[int, int] | None]], data: st.DataObject
) -> None:
    text, spans = cut
    words = text.split(" ")
    scored = data.draw(st.integers(1, len(words)))
    slots = scored_slots(text, spans, scored)
    for span, slot in zip(spans, slots, strict=True):
        if span is None:
            assert slot == UNSCORED
            continue
        letter = next(at for at in range(span[0], len(text)) if text[at] != " ")
        word = len(text[:letter].split(" ")) - 1
        assert slot == max(UNSCORED, word - (len(words) - scored))


@given(PASSAGES, st.data())
def test_the_parts_of_a_passage_make_it_up(words: list[str], data: st.DataObject) -> None:
    scored = data.draw(st.integers(1, len(words) - 1))
    context, target = split_passage(" ".join(words), scored)
    assert f"{context} {target}" == " ".join(words)
    assert target.split(" ") == words[-scored:]


@pytest.mark.parametrize(
    "passage", ["", "one", " one two", "one  two", "one two ", "one\ttwo three\n"]
)
def test_words_must_be_separated_by_single_spaces(passage: str) -> None:
    with pytest.raises(InputError) as caught:
        split_passage(passage, 1)
    assert caught.value.code == "bad_passage"


@pytest.mark.parametrize("scored", [-1, 0, 3, 4])
def test_there_must_be_context_and_something_to_score(scored: int) -> None:
    with pytest.raises(InputError) as caught:
        split_passage("one two three", scored)
    assert caught.value.code == "bad_passage"


def test_a_dropped_letter_is_no_certain_word() -> None:
    with pytest.raises(ModelError) as caught:
        scored_slots("ab cd", [(0, 2), (3, 4)], 1)
    assert caught.value.code == "text_dropped"


def test_a_place_after_the_text_belongs_to_no_word() -> None:
    assert scored_slots("ab cd", [(0, 2), (2, 5), (5, 5)], 1) == [UNSCORED, 0, UNSCORED]
