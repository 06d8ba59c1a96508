"""A leaf: what a picture is made of, before it is written: marks with places, and a page."""

import math
from dataclasses import dataclass, field
from typing import Literal

from app.phylo.pictures.metrics import ASCENT, DESCENT, text_width

Anchor = Literal["start", "middle", "end"]
Point = tuple[float, float]


@dataclass(frozen=True)
class Text:
    """One line of text. (x, y): its baseline at the anchor; angle: degrees, clockwise."""

    x: float
    y: float
    text: str
    size: float
    ink: str = "ink"
    anchor: Anchor = "start"
    bold: bool = False
    angle: float = 0.0
    tooltip: str = ""
    role: str = ""

    def corners(self) -> list[Point]:
        """The corners of the box that the text needs, by the estimate of its width."""
        width = text_width(self.text, self.size, self.bold)
        left = {"start": 0.0, "middle": -width / 2, "end": -width}[self.anchor]
        top, bottom = -ASCENT * self.size, DESCENT * self.size
        cos, sin = math.cos(math.radians(self.angle)), math.sin(math.radians(self.angle))
        box = [(left, top), (left + width, top), (left + width, bottom), (left, bottom)]
        return [(self.x + x * cos - y * sin, self.y + x * sin + y * cos) for x, y in box]


@dataclass(frozen=True)
class Lines:
    """Lines and arcs, as SVG path commands; many in one mark keep the file small."""

    commands: list[str]
    ink: str
    width: float
    dashes: str = ""


@dataclass(frozen=True)
class Dot:
    """A filled circle; `ink` may name a fill and a border."""

    x: float
    y: float
    radius: float
    ink: str


@dataclass(frozen=True)
class Box:
    """A filled rectangle with rounded corners."""

    x: float
    y: float
    width: float
    height: float
    ink: str
    rounding: float = 0.0


Mark = Text | Lines | Dot | Box


@dataclass
class Page:
    """A picture: its size in pixels, what it shows in words, and its marks from back to front."""

    width: float
    height: float
    title: str
    description: str
    marks: list[Mark] = field(default_factory=list)

    @property
    def texts(self) -> list[Text]:
        """The marks that are texts."""
        return [mark for mark in self.marks if isinstance(mark, Text)]
