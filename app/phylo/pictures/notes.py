"""Notes beside the tips: names of families and of highlighted models, so that none overlap."""

from collections.abc import Sequence
from dataclasses import dataclass

FARTHEST = 40.0  # pixels that a note may stand from what it names, beyond half its own height


@dataclass(frozen=True)
class Note:
    """What wants to stand at `wish` (pixels along the tips) and needs `height`.

    weight: heavier notes stay when there is no room for all.
    span: (first, last) pixels of what it names.
    """

    text: str
    full: str
    wish: float
    height: float
    size: float
    weight: float
    span: tuple[float, float]
    bold: bool = False


def spread(notes: Sequence[Note], low: float, high: float) -> list[tuple[Note, float]]:
    """Return notes and their places between low and high, near their wishes, none overlapping.

    Where there is no room the lightest are left out, and so are those that would stand too far
    from what they name. Least squares by pooling neighbours (Ayer et al. 1955).
    """
    kept = sorted(_that_fit(notes, high - low), key=lambda note: (note.wish, note.text))
    while kept:
        places = _places(kept, low, high)
        far = [
            note
            for note, place in zip(kept, places, strict=True)
            if not _reach(note, 0) <= place <= _reach(note, 1)
        ]
        if not far:
            return list(zip(kept, places, strict=True))
        lightest = min(far, key=lambda note: (note.weight, -note.wish))
        kept.remove(lightest)
    return []


def _reach(note: Note, end: int) -> float:
    slack = FARTHEST + note.height / 2
    return note.span[end] + (slack if end else -slack)


def _that_fit(notes: Sequence[Note], room: float) -> list[Note]:
    kept: list[Note] = []
    for note in sorted(notes, key=lambda note: (-note.weight, note.wish)):
        if note.height <= room:
            kept.append(note)
            room -= note.height
    return kept


def _places(notes: Sequence[Note], low: float, high: float) -> list[float]:
    """Middles of the notes, in order, as near to their wishes as they can all be."""
    blocks: list[tuple[float, int]] = []  # mean of wishes less what stands before, how many
    offset = 0.0
    offsets = []
    for note in notes:
        offsets.append(offset + note.height / 2)
        blocks.append((note.wish - offsets[-1], 1))
        offset += note.height
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, count = blocks.pop()
            before, many = blocks.pop()
            both = count + many
            blocks.append(((mean * count + before * many) / both, both))
    starts = [min(max(mean, low), high - offset) for mean, count in blocks for _ in range(count)]
    return [start + shift for start, shift in zip(starts, offsets, strict=True)]
