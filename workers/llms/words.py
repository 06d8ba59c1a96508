"""Which token belongs to which word of a passage. A leaf: text and offsets in, numbers out."""

from collections.abc import Sequence
from itertools import accumulate

from app.errors import InputError, ModelError

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
    text: str, spans: Sequence[tuple[int, int] | None], scored_words: int
) -> list[int]:
    """Return for each token the scored word it belongs to, 0 .. scored_words - 1, or UNSCORED.

    `spans` are the tokens' places in `text`, None for a token that the tokenizer added. A token
    belongs to the word that holds its first character that is no space; a token of spaces only,
    to the word after it. Raises ModelError `text_dropped` where a character is in no token:
    its word would look certain.
    """
    word_at = list(accumulate(int(character == " ") for character in text))
    covered = {at for span in spans if span is not None for at in range(*span)}
    if any(character != " " and at not in covered for at, character in enumerate(text)):
        raise ModelError("text_dropped", "Use a tokenizer that keeps every letter of a passage.")
    first = word_at[-1] + 1 - scored_words
    return [_slot(word_at, span, first) for span in spans]


def _slot(word_at: Sequence[int], span: tuple[int, int] | None, first: int) -> int:
    if span is None or span[0] >= len(word_at):
        return UNSCORED
    return max(UNSCORED, word_at[span[0]] - first)
