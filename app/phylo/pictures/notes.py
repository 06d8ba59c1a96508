"""Notes beside the tips: names of families and of highlighted models, so that none overlap."""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

FARTHEST = 0.75  # of its height: how far a note may stand from what it names


@dataclass(frozen=True)
class Note:
    """What wants to stand at `wish` (pixels along the tips) and needs `height`.

    span: (first, last) pixels of what it names.
    weight: heavier notes choose first; an infinite one is never left out while there is room.
    """

    text: str
    tooltip: str
    wish: float
    height: float
    size: float
    weight: float
    span: tuple[float, float]
    bold: bool = False

    @property
    def range(self) -> tuple[float, float]:
        """Between which places it may stand."""
        slack = math.inf if math.isinf(self.weight) else FARTHEST * self.height
        return self.span[0] - slack, self.span[1] + slack


def spread(notes: Sequence[Note], low: float, high: float) -> list[tuple[Note, float]]:
    """Return notes and the places of their middles, all between low and high, none overlapping.

    The heaviest stand where they wish. Each of the others takes the nearest free place; where
    none is near enough to what it names it is left out, so that lines to the notes hardly cross.
    """
    taken: list[tuple[float, float, Note]] = []  # (top, bottom, note), in order
    for note in sorted(notes, key=lambda note: (-note.weight, note.wish, note.text)):
        half = note.height / 2
        least, most = max(note.range[0], low + half), min(note.range[1], high - half)
        fitting = [
            place
            for place in _candidates(note, least, most, taken)
            if least <= place <= most and _is_free(place - half, place + half, taken)
        ]
        if fitting:
            place = min(fitting, key=lambda place: (abs(place - note.wish), place))
            taken.insert(
                bisect_left(taken, place, key=lambda item: item[0]),
                (place - half, place + half, note),
            )
    return [(note, (top + bottom) / 2) for top, bottom, note in taken]


def _candidates(
    note: Note, least: float, most: float, taken: Sequence[tuple[float, float, Note]]
) -> Iterator[float]:
    """Where it wishes to stand, as far as it can, and just beside the others."""
    half = note.height / 2
    yield min(max(note.wish, least), most)
    for top, bottom, _ in taken:
        if bottom >= least - half and top <= most + half:
            yield top - half
            yield bottom + half


def _is_free(top: float, bottom: float, taken: Sequence[tuple[float, float, Note]]) -> bool:
    after = bisect_left(taken, top, key=lambda item: item[0])
    rounding = 1e-6
    return all(
        bottom <= other_top + rounding or top >= other_bottom - rounding
        for other_top, other_bottom, _ in taken[max(after - 1, 0) : after + 1]
    )
