"""Tokens find their places in a passage, however an API writes them."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.errors import ModelError
from tests.workers.llms.test_words import segmented
from workers.endpoints.alignment import places
from workers.llms.words import scored_slots

Span = tuple[int, int] | None
WRITINGS = {
    "as it is": lambda text: text,
    "GPT-2's pieces": lambda text: text.replace(" ", "Ġ"),
    "SentencePiece's pieces": lambda text: text.replace(" ", "▁"),
    "decoded one by one": lambda text: text.removeprefix(" "),
}


@given(segmented(), st.sampled_from(sorted(WRITINGS)), st.booleans(), st.data())
def test_every_token_belongs_to_its_own_word(
    cut: tuple[str, list[Span]], writing: str, kept_back: bool, data: st.DataObject
) -> None:
    text = cut[0]
    spans = [span for span in cut[1] if span is not None]
    marks = data.draw(st.lists(st.sampled_from(["<s>", "[gMASK]", ""]), max_size=2))
    assume(marks or " " not in text[: spans[0][1]])  # the first token may be kept back
    tokens = [WRITINGS[writing](text[start:end]) for start, end in spans]
    if writing == "SentencePiece's pieces":
        tokens[0] = "▁" + tokens[0]
    more = data.draw(st.lists(st.sampled_from(["</s>", " more", ""]), max_size=2))
    listed = [*marks, *tokens, *more]
    if kept_back:
        listed[0] = ""
    words = data.draw(st.integers(1, text.count(" ")))

    def by_word(places: list[Span]) -> list[tuple[str, int]]:
        slots = scored_slots(text, places, words)
        return [pair for pair in zip(listed, slots, strict=True) if pair[0]]

    truth = [*[None] * len(marks), *spans, *[None] * len(more)]
    assert by_word(places(listed, text)) == by_word(truth)


@pytest.mark.parametrize(
    "tokens",
    [
        [],
        ["<s>"],
        ["<s>", "one", " two"],
        ["<s>", "one", " two", " four"],
        ["<s>", "one", " tw", "<0x6F>", " three"],
        ["<s>", "one", " two", " three more"],
    ],
)
def test_tokens_of_another_text_are_refused(tokens: list[str]) -> None:
    with pytest.raises(ModelError) as raised:
        places(tokens, "one two three")
    assert raised.value.code == "tokens_unlike_text"
