"""Shared phrases: they lie in both texts, are equal there, and few others have them."""

from hypothesis import given
from hypothesis import strategies as st

from app.dna.lexical import TOKEN
from app.dna.phrases import SHORTEST, SHORTEST_ALONE, Phrase, Span, shared_phrases

# Few words, so that runs meet; cases, punctuation, and letters whose lower case is longer.
WORDS = ["fox", "Fox", "owl", "İstanbul", "straße", ".", "-", "🦊", "\u0301", "x_1"]
texts = st.lists(st.sampled_from([*WORDS, "\n", "  "]), max_size=60).map(" ".join) | st.text()
crowds = st.none() | st.lists(texts, max_size=12)


def words(text: str, span: Span) -> list[str]:
    return [word.lower() for word in TOKEN.findall(text[slice(*span)])]


def count(text: str, span: Span) -> int:
    return sum(word[0].isalnum() or word[0] == "_" for word in words(text, span))


def phrases(a: str, b: str, others: list[str] | None) -> list[str]:
    return [a[slice(*phrase.a)] for phrase in shared_phrases(a, b, others)]


@given(texts, texts, crowds)
def test_phrases_lie_in_both_texts_are_equal_and_do_not_overlap(
    a: str, b: str, others: list[str] | None
) -> None:
    found = shared_phrases(a, b, others)
    for phrase in found:
        assert words(a, phrase.a) == words(b, phrase.b)
        assert count(a, phrase.a) >= (SHORTEST if others is not None else SHORTEST_ALONE)
    for text, spans in ((a, [p.a for p in found]), (b, [p.b for p in found])):
        borders = [border for span in sorted(spans) for border in span]
        assert borders == sorted(borders)
        assert all(0 <= border <= len(text) for border in borders)
        assert all(start < end for start, end in spans)
    assert found == sorted(found, key=lambda phrase: phrase.a)


@given(texts, texts, crowds)
def test_the_order_of_the_others_does_not_count_and_a_crowd_marks_no_more(
    a: str, b: str, others: list[str] | None
) -> None:
    found = shared_phrases(a, b, others)
    if others is None:
        marked = sum(end - start for start, end in (p.a for p in shared_phrases(a, b, [])))
        assert sum(end - start for start, end in (p.a for p in found)) <= marked
        return
    assert shared_phrases(a, b, others[::-1]) == found
    assert shared_phrases(a, b, [*others, *[a] * (len(others) + 1)]) == []


@given(st.lists(st.sampled_from(["fox", "owl", "elk", "bee"]), min_size=4, max_size=40))
def test_of_equal_texts_all_is_marked(some: list[str]) -> None:
    text = " ".join(some)
    assert shared_phrases(text, text.upper(), None) == [Phrase(a=(0, len(text)), b=(0, len(text)))]


def test_a_phrase_runs_from_its_first_rare_words_to_its_last() -> None:
    a = "As an AI, I think that a velvet otter hums. I hope this helps!"
    b = "Well. As an AI, I think that a velvet otter hums! I hope this helps."
    assert phrases(a, b, []) == [
        "As an AI, I think that a velvet otter hums",
        "I hope this helps",
    ]
    crowd = ["As an AI, I think that a good answer is short. I hope this helps."] * 10
    assert phrases(a, b, crowd) == ["that a velvet otter hums"]


def test_a_tenth_of_the_others_may_have_it() -> None:
    a, b = "the velvet otter hums", "The velvet otter hums?"
    plain = ["nothing of the kind"] * 9
    assert phrases(a, b, [*plain, a]) == [a]
    assert phrases(a, b, [*plain, a, a]) == []


def test_words_that_stand_elsewhere_are_found_in_any_order() -> None:
    a = "red green blue black. one two three four."
    b = "ONE TWO THREE FOUR, red green blue black"
    assert shared_phrases(a, b, None) == [
        Phrase(a=(0, 20), b=(20, 40)),
        Phrase(a=(22, 40), b=(0, 18)),
    ]


def test_punctuation_is_no_phrase_and_ends_none() -> None:
    assert phrases("... --- ...", "... --- ...", []) == []
    assert phrases("x (a b c) y", "z (a b c) w", []) == ["a b c"]


def test_nothing_is_shared_by_nothing() -> None:
    assert shared_phrases("", "", []) == shared_phrases("a b c d", "", None) == []


def test_texts_that_repeat_themselves_take_no_longer_than_others() -> None:
    for unit in ("! ", "a ", "a b ", "a a b "):
        text = (unit * 4000)[:4000]
        found = shared_phrases(text, text[:2000], None)
        assert sum(end - start for start, end in (p.b for p in found)) in (0, 1999)
