"""Branches gathered by how they look, so that a picture has a few long paths."""

from app.phylo.pictures.families import PLAIN
from app.phylo.pictures.marks import Lines, Mark

DASHES = "4 3"


def branch_width(row: float) -> float:
    """Pixels of a branch where tips are `row` pixels apart."""
    return min(2.0, 0.7 + row * 0.06, row * 0.5)


def mark_width(row: float) -> float:
    """Pixels of the line that leads to a highlighted tip, which may cover its neighbours a bit."""
    return min(1.5, row * 0.9)


class Strokes:
    """Path commands by ink and dashes, in the order in which they came."""

    def __init__(self, width: float) -> None:
        self.width = width
        self._commands: dict[tuple[str, bool], list[str]] = {}

    def add(self, ink: str, command: str, dashed: bool = False) -> None:
        """Add a line."""
        self._commands.setdefault((ink, dashed), []).append(command)

    def marks(self) -> list[Mark]:
        """Return one mark for each look, branches without family at the back."""
        looks = sorted(self._commands, key=lambda look: (look[0] != PLAIN, look))
        return [
            Lines(self._commands[ink, dashed], ink, self.width, DASHES if dashed else "")
            for ink, dashed in looks
        ]
