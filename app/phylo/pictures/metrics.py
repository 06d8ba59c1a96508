"""How wide a text is: advances of each character, estimates for what the font has no sign for.

Browsers draw with Arial or the like where they have no DejaVu Sans Condensed: the advances are
the larger ones of the shipped font and of Liberation Sans, which is as wide as Arial.
"""

import json
import unicodedata
from functools import cache
from importlib import resources

WIDE, OTHER = 1.0, 0.75  # in ems: Chinese, Japanese, Korean, emoji; any other script
SAFETY = 1.03
ROUNDING = 1e-6  # of rooms that were computed from this very text
ELLIPSIS = "…"
ASCENT, DESCENT = 0.76, 0.24  # in ems, of the letters that names are made of


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Return the width of one line of text in pixels, rather too wide than too narrow."""
    table = _advances()["bold" if bold else "regular"]
    return SAFETY * size * sum(table.get(char) or _estimate(char) for char in text)


def has_glyphs(text: str) -> bool:
    """Whether the shipped font has a sign for every character of the text."""
    return all(char in _advances()["regular"] for char in text)


def shorten(text: str, room: float, size: float, bold: bool = False) -> str:
    """Return the text, its middle left out where it is wider than `room` pixels.

    Both ends stay, since versions and sizes stand at the end of names. O(n log n) in the text.
    """
    text = text if len(text) < 2000 else text[:1000] + text[-1000:]
    if text_width(text, size, bold) <= room + ROUNDING:
        return text
    low, high = 0, len(text) - 1
    while low < high:
        middle = (low + high + 1) // 2
        fits = text_width(_without_middle(text, middle), size, bold) <= room
        low, high = (middle, high) if fits else (low, middle - 1)
    return _without_middle(text, low)


def wrap(text: str, room: float, size: float) -> list[str]:
    """Break the text into lines of at most `room` pixels; words that are wider are shortened."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(shorten(word, room, size))
    return lines


def _without_middle(text: str, kept: int) -> str:
    """`kept` characters of the text, a few more at the beginning than at the end."""
    head = (kept * 11 + 19) // 20
    tail = text[len(text) - (kept - head) :] if kept > head else ""
    while tail and unicodedata.combining(tail[0]):
        tail = tail[1:]
    return text[:head] + ELLIPSIS + tail


def _estimate(char: str) -> float:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0.0
    return WIDE if unicodedata.east_asian_width(char) in "WF" else OTHER


@cache
def _advances() -> dict[str, dict[str, float]]:
    """By weight and character, the advance in ems."""
    file = resources.files("app.phylo.pictures.fonts") / "advances.json"
    data = json.loads(file.read_text())
    return {
        weight: {
            chr(int(first, 16) + i): advance / data["units_per_em"]
            for first, advances in data[weight].items()
            for i, advance in enumerate(advances)
        }
        for weight in ("regular", "bold")
    }
