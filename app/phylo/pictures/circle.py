"""Angles and points of the radial layout: clockwise from the top, where a gap is left open."""

import math
from dataclasses import dataclass

from app.phylo.pictures.marks import Point
from app.phylo.pictures.svg import short


@dataclass(frozen=True)
class Circle:
    """A circle round (x, y) on which `n` tips share what the gap (radians) leaves."""

    x: float
    y: float
    n: int
    gap: float

    @property
    def sweep(self) -> float:
        """Radians between the first and the last tip, and half a place on either side."""
        return 2 * math.pi - self.gap

    def angle(self, slot: float) -> float:
        """Radians of a place across the tips."""
        return self.gap / 2 + (slot + 0.5) / self.n * self.sweep

    def point(self, angle: float, radius: float) -> Point:
        """The point at that angle, so far from the middle."""
        return self.x + radius * math.sin(angle), self.y - radius * math.cos(angle)

    def spoke(self, angle: float, inner: float, outer: float) -> str:
        """A straight line outwards, as a path command."""
        (x, y), (to_x, to_y) = self.point(angle, inner), self.point(angle, outer)
        return f"M{short(x)} {short(y)}L{short(to_x)} {short(to_y)}"

    def arc(self, first: float, last: float, radius: float) -> str:
        """A line at that radius from one angle to a larger one, less than a whole turn."""
        (x, y), (to_x, to_y) = self.point(first, radius), self.point(last, radius)
        large = int(last - first > math.pi)
        r = short(radius)
        return f"M{short(x)} {short(y)}A{r} {r} 0 {large} 1 {short(to_x)} {short(to_y)}"


def upright(angle: float) -> tuple[float, bool]:
    """Degrees that lay a text along a spoke, never on its head, and whether it was turned."""
    turned = angle % (2 * math.pi) > math.pi
    return math.degrees(angle) - (270 if turned else 90), turned
