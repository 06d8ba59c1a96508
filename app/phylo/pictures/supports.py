"""How the support of branches is shown: numbers where there is room, else dots in three grades."""

import math

from app.phylo.pictures.marks import Dot, Mark, Text
from app.phylo.pictures.metrics import text_width

# (least support, ink, radius as a share of the largest, words)
GRADES = (
    (0.95, "dot-strong", 1.0, "≥ 95 %"),
    (0.75, "dot-fair", 0.85, "75-95 %"),
    (0.50, "dot-weak", 0.75, "50-75 %"),
)
NUMBER_SIZE = 10.0
ROW_FOR_NUMBERS = 12.0


def number(share: float) -> str:
    """Return support in percent, rounded down, so that 100 means all."""
    return f"{math.floor(share * 100 + 1e-9)}"


def fits(share: float, branch: float, row: float) -> bool:
    """Whether the number fits above a branch of that many pixels, between rows so far apart."""
    return row >= ROW_FOR_NUMBERS and branch >= text_width(number(share), NUMBER_SIZE) + 5


def number_above(x: float, y: float, share: float, angle: float = 0.0) -> Text:
    """The number, centred just above the point (x, y) of its branch."""
    lift = 3.0
    x, y = (x + lift * math.sin(math.radians(angle)), y - lift * math.cos(math.radians(angle)))
    return Text(
        x, y, number(share), NUMBER_SIZE, "mute halo", "middle", angle=angle, role="support"
    )


def dot_at(x: float, y: float, share: float, largest: float) -> list[Mark]:
    """The dot of a support at a node; none where it is low or not known (NaN)."""
    for least, ink, part, _ in GRADES:
        if share >= least:
            return [Dot(x, y, largest * part, ink)]
    return []
