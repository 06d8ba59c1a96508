"""Words of a passage, and which token belongs to which. A leaf: text and offsets in, numbers out."""

from collections.abc import Sequence
from itertools import accumulate

from app.errors import InputError

UNSCORED = -1


def split_passage(passage: str, scored_words: int) -> tuple[str, str]:
    """Split a passage into its context and its last `scored_words` words.

    Raises InputError `bad_passage` where words are not separated by single spaces or where no
    word of context is left.
    """
    words = passage.split(" ")
    if any(not word or word != word.strip() for word in words):
        raise InputError("bad_passage", "Separate the words of a passage by single spaces.")
    if not 0 < scored_words < len(words):
        raise InputError(
            "bad_passage",
            f"Score from 1 to {len(words) - 1} words of a passage of {len(words)} words, "
            f"not {scored_words}: the first has no context.",
        )
    return " ".join(words[:-scored_words]), " ".join(words[-scored_words:])


def scored_slots(
    text: str, offsets: Sequence[tuple[int, int]], special: Sequence[int], scored_words: int
) -> list[int]:
    """Return for each token the scored word it belongs to, 0 .. scored_words - 1, or UNSCORED.

    A token belongs to the word that holds its first character that is no space; a token of
    spaces only belongs to the word after it. `special` marks tokens that the tokenizer added.
    """
    word_at = list(accumulate(int(character == " ") for character in text))
    first = word_at[-1] + 1 - scored_words
    return [
        word_at[start] - first
        if not added and start < len(text) and word_at[start] >= first
        else UNSCORED
        for (start, _), added in zip(offsets, special, strict=True)
    ]
