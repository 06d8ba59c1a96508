"""A leaf: answers as people read them, with the phrases marked that two of them share.

Answers are hostile text: whatever could drive a terminal is shown as an escape.
"""

from collections.abc import Iterable, Iterator, Sequence

from rich.text import Text

from app.cli.console import visible

Span = tuple[int, int]

MARKED = "bold underline green"
OPEN, CLOSE = "⟦", "⟧"
GAP = " … "
# Characters: of an answer's opening, around each phrase, and in all.
OPENING, AROUND, ROOM = 240, 50, 900
# So far a cut is moved to spare a word.
LONGEST_WORD = 20
TAB = "    "


def marked(text: str, spans: Sequence[Span], *, full: bool, brackets: bool) -> Text:
    """Return an answer, or what is worth seeing of it, with spans marked.

    `spans` are (first, end) in rising order. By brackets too where there is no style to see.
    """
    pieces = [(0, len(text))] if full else excerpts(text, spans)
    shows = Text(overflow="fold")
    for first, end in pieces:
        if first:
            shows.append(GAP, "dim")
        for piece, is_marked in _split(first, end, spans):
            words = _lines(text[slice(*piece)])
            if is_marked:
                shows.append(f"{OPEN}{words}{CLOSE}" if brackets else words, MARKED)
            else:
                shows.append(words)
    if pieces and pieces[-1][1] < len(text):
        shows.append(GAP, "dim")
    return shows


def excerpts(text: str, spans: Iterable[Span]) -> list[Span]:
    """What to show of a text: its opening and the surroundings of spans, about ROOM in all."""
    pieces = [(0, _word_end(text, OPENING))]
    for first, end in spans:
        last_first, last_end = pieces[-1]
        if sum(b - a for a, b in pieces) >= ROOM:
            break
        around = _word_start(text, first - AROUND), _word_end(text, end + AROUND)
        if around[0] <= last_end + len(GAP):
            pieces[-1] = last_first, max(around[1], last_end)
        else:
            pieces.append(around)
    return pieces


def _word_start(text: str, at: int) -> int:
    """A place near `at`, no later, where no word is cut."""
    for place in range(at, max(at - LONGEST_WORD, 0), -1):
        if text[place - 1].isspace():
            return place
    return max(at, 0)


def _word_end(text: str, at: int) -> int:
    """A place near `at`, no earlier, where no word is cut."""
    for place in range(at, min(at + LONGEST_WORD, len(text))):
        if text[place].isspace():
            return place
    return min(at, len(text))


def _split(first: int, end: int, spans: Sequence[Span]) -> Iterator[tuple[Span, bool]]:
    """A stretch of text in pieces, each with whether it is marked."""
    at = first
    for span in spans:
        start, stop = max(span[0], at), min(span[1], end)
        if start >= stop:
            continue
        yield (at, start), False
        yield (start, stop), True
        at = stop
    yield (at, end), False


def _lines(text: str) -> str:
    lines = text.replace("\t", TAB).replace("\r\n", "\n").split("\n")
    return "\n".join(map(visible, lines))
