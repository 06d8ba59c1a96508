"""Panels of curves over one number, both on logarithmic scales, drawn as trees are."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.phylo.pictures.marks import Dot, Lines, Mark, Page, Text
from app.phylo.pictures.metrics import text_width, wrap
from app.phylo.pictures.svg import short, write

WIDTH, MARGIN, GAP = 900.0, 24.0, 40.0
AXIS, BEYOND = 52.0, 26.0  # for the numbers left of a panel, and half of the last one below it
CURVES = 170.0
TITLE, LETTERS, SMALL = 19.0, 13.0, 11.5
COLUMNS = 2


@dataclass(frozen=True)
class Curve:
    """Points (x, y) that were measured, by rising x, and those that are worked out on paper."""

    name: str
    measured: Sequence[tuple[float, float]]
    on_paper: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True)
class Panel:
    """Curves of one unit."""

    heading: str
    curves: Sequence[Curve]


@dataclass(frozen=True)
class _Frame:
    """Where a panel's curves lie, and the whole decades that it spans."""

    left: float
    top: float
    width: float
    x: tuple[int, int]
    y: tuple[int, int]

    def at(self, x: float, y: float) -> tuple[float, float]:
        across = (math.log10(x) - self.x[0]) / (self.x[1] - self.x[0])
        up = (math.log10(y) - self.y[0]) / (self.y[1] - self.y[0])
        return self.left + across * self.width, self.top + (1 - up) * CURVES


def log_plot(panels: Sequence[Panel], title: str, caption: str, unit: str) -> str:
    """Return the panels, two in a row, as one SVG document; it follows a browser in the dark."""
    marks: list[Mark] = [Text(MARGIN, MARGIN + TITLE - 4, title, TITLE, bold=True)]
    y = MARGIN + TITLE + 4
    for line in wrap(caption, WIDTH - 2 * MARGIN, LETTERS):
        y += LETTERS * 1.4
        marks.append(Text(MARGIN, y, line, LETTERS, "mute"))
    every = [point[0] for panel in panels for point in _points(panel)]
    x_span = _decades(every)
    width = (WIDTH - 2 * MARGIN - (COLUMNS - 1) * GAP) / COLUMNS
    height = 2 * LETTERS + CURVES + 76
    for place, panel in enumerate(panels):
        left = MARGIN + (place % COLUMNS) * (width + GAP)
        top = y + 16 + (place // COLUMNS) * height
        y_span = _decades([point[1] for point in _points(panel)])
        inner = width - AXIS - BEYOND
        frame = _Frame(left + AXIS, top + 2 * LETTERS + 28, inner, x_span, y_span)
        marks += [Text(left, top + LETTERS, panel.heading, LETTERS, bold=True)]
        marks += [*_legend(panel, left, top + 2 * LETTERS + 8), *_grid(frame, unit)]
        for number, curve in enumerate(panel.curves):
            marks += _curve(curve, frame, f"f{number}")
    bottom = y + 16 + -(-len(panels) // COLUMNS) * height
    return write(Page(WIDTH, bottom, title, f"{caption} {_words(panels)}", marks), "auto")


def _points(panel: Panel) -> Iterator[tuple[float, float]]:
    for curve in panel.curves:
        yield from (*curve.measured, *curve.on_paper)


def _decades(values: Sequence[float]) -> tuple[int, int]:
    """The whole powers of ten around values; at least one decade."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _legend(panel: Panel, left: float, y: float) -> Iterator[Mark]:
    x = left
    for number, curve in enumerate(panel.curves):
        yield Dot(x + 4, y - 4, 4, f"f{number}")
        yield Text(x + 13, y, curve.name, SMALL)
        x += 13 + text_width(curve.name, SMALL, False) + 16


def _grid(frame: _Frame, unit: str) -> Iterator[Mark]:
    right, bottom = frame.left + frame.width, frame.top + CURVES
    for power in range(frame.y[0], frame.y[1] + 1):
        _, y = frame.at(10.0 ** frame.x[0], 10.0**power)
        yield Lines([f"M{short(frame.left)} {short(y)}H{short(right)}"], "faint", 1)
        yield Text(frame.left - 8, y + 4, f"{10.0**power:,g}", SMALL, "mute", "end")
    for power in range(frame.x[0], frame.x[1] + 1):
        x, _ = frame.at(10.0**power, 10.0 ** frame.y[0])
        yield Lines([f"M{short(x)} {short(frame.top)}V{short(bottom)}"], "faint", 1)
        yield Text(x, bottom + 16, f"{10**power:,}", SMALL, "mute", "middle")
    yield Text((frame.left + right) / 2, bottom + 32, unit, SMALL, "mute", "middle")


def _curve(curve: Curve, frame: _Frame, ink: str) -> Iterator[Mark]:
    places = [frame.at(*point) for point in curve.measured]
    beyond = [*places[-1:], *(frame.at(*point) for point in curve.on_paper)]
    yield from _line(places, ink, "")
    yield from _line(beyond, ink, "2 5")
    for x, y in places:
        yield Dot(x, y, 4, ink)


def _line(places: Sequence[tuple[float, float]], ink: str, dashes: str) -> Iterator[Mark]:
    if len(places) > 1:
        path = "L".join(f"{short(x)} {short(y)}" for x, y in places)
        yield Lines([f"M{path}"], ink, 2, dashes)


def _words(panels: Sequence[Panel]) -> str:
    """The numbers, for who does not see them."""
    return " ".join(
        f"{panel.heading}, {curve.name}: "
        + ", ".join(f"{y:g} at {x:,.0f}" for x, y in (*curve.measured, *curve.on_paper))
        + "."
        for panel in panels
        for curve in panel.curves
    )
