"""Which part of a passage each token of an API's echo is. A leaf: texts in, places out.

The offsets that APIs give count special tokens, or nothing at all, so the tokens' own texts are
laid along the passage. Those may be raw pieces of a vocabulary, lose a leading space, or carry
one that the tokenizer put before the text.
"""

from collections.abc import Sequence

from app.errors import ModelError

Span = tuple[int, int]
_SPACES = str.maketrans({"Ġ": " ", "▁": " "})


def places(tokens: Sequence[str], text: str) -> list[Span | None]:
    """Return the place of each token in `text`, None for one that was added before or after.

    The text of the first token does not matter, as APIs often keep it back: it is what the
    others leave over of the first word. Raises ModelError `tokens_unlike_text` where they do not
    make up the text.
    """
    pieces = [token.translate(_SPACES) for token in tokens[1:]]
    for start in range(text.find(" ") + 1):
        spans = _laid(pieces, text, start)
        if spans is not None:
            return [(0, start) if start else None, *spans]
    raise ModelError(
        "tokens_unlike_text",
        "The tokens that the endpoint scored do not make up the passage: "
        "register it with --likelihoods none.",
    )


def _laid(pieces: Sequence[str], text: str, start: int) -> list[Span | None] | None:
    spans: list[Span | None] = []
    at = start
    for piece in pieces:
        end = _end(piece, text, at)
        if at == len(text) or (end is None and at == 0):
            spans.append(None)
        elif end is None:
            return None
        else:
            spans.append((at, end))
            at = end
    return spans if at == len(text) else None


def _end(piece: str, text: str, at: int) -> int | None:
    """Return where a token ends that begins at `at`, None where it does not fit."""
    if text.startswith(piece, at):
        return at + len(piece)
    if text.startswith(" " + piece, at):
        return at + 1 + len(piece)
    if at == 0 and piece[0] == " " and text.startswith(piece[1:]):
        return len(piece) - 1
    return None
