"""Rates of families with their intervals as a picture, one line a family, drawn as trees are."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.phylo.pictures.marks import Dot, Lines, Mark, Page, Text
from app.phylo.pictures.metrics import wrap
from app.phylo.pictures.svg import short, write

WIDTH, MARGIN = 900.0, 24.0
LEFT, RIGHT = 280.0, 600.0
ROW, TITLE, LETTERS = 24.0, 19.0, 13.0
TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
MOST_TICKS = 8


@dataclass(frozen=True)
class Rate:
    """A line: a name, a rate with its 95 % interval, and what else to say at its end."""

    name: str
    rate: float
    low: float
    high: float
    note: str = ""


@dataclass(frozen=True)
class Panel:
    """Lines under one heading."""

    heading: str
    rates: Sequence[Rate]


def forest_plot(panels: Sequence[Panel], title: str, caption: str, unit: str) -> str:
    """Return the panels as one SVG document on one scale; it follows a browser in the dark."""
    every = [rate for panel in panels for rate in panel.rates]
    span = min([0.0, *(one.low for one in every)]), max([0.0, *(one.high for one in every)])
    marks: list[Mark] = [Text(MARGIN, MARGIN + TITLE - 4, title, TITLE, bold=True)]
    y = MARGIN + TITLE + 4
    for line in wrap(caption, WIDTH - 2 * MARGIN, LETTERS):
        y += LETTERS * 1.4
        marks.append(Text(MARGIN, y, line, LETTERS, "mute"))
    top = y + 12
    rows: list[Mark] = []
    y = top
    for panel in panels:
        y += ROW
        rows.append(Text(MARGIN, y + 4, panel.heading, LETTERS, bold=True))
        for one in panel.rates:
            y += ROW
            rows += _row(one, y, span)
    bottom = y + ROW
    marks += [*_grid(span, top, bottom, unit), *rows]
    words = "; ".join(f"{one.name} {_interval(one)}" for one in every)
    return write(Page(WIDTH, bottom + 44, title, f"{caption} {words}.", marks), "auto")


def _row(one: Rate, y: float, span: tuple[float, float]) -> list[Mark]:
    low, middle, high = (_place(value, span) for value in (one.low, one.rate, one.high))
    ends = "".join(f"M{short(x)} {short(y - 4)}V{short(y + 4)}" for x in (low, high))
    return [
        Text(MARGIN + 16, y + 4, one.name, LETTERS),
        Lines([f"M{short(low)} {short(y)}H{short(high)}{ends}"], "f0", 1.6),
        Dot(middle, y, 4.5, "f0"),
        Text(RIGHT + 16, y + 4, _interval(one), LETTERS),
        Text(WIDTH - MARGIN, y + 4, one.note, LETTERS, "mute", "end"),
    ]


def _grid(span: tuple[float, float], top: float, bottom: float, unit: str) -> list[Mark]:
    step = next((tick for tick in TICKS if (span[1] - span[0]) / tick <= MOST_TICKS), TICKS[-1])
    first, last = int(span[0] / step) - 1, int(span[1] / step) + 1
    values = [step * number for number in range(first, last + 1)]
    inside = [value for value in values if span[0] <= value <= span[1]]
    marks: list[Mark] = []
    for value in inside:
        x = _place(value, span)
        marks.append(
            Lines(
                [f"M{short(x)} {short(top)}V{short(bottom)}"], "mute" if value == 0 else "faint", 1
            )
        )
        marks.append(Text(x, bottom + 16, f"{value:+g}" if value else "0", 11.5, "mute", "middle"))
    marks.append(Text((LEFT + RIGHT) / 2, bottom + 34, unit, 11.5, "mute", "middle"))
    return marks


def _place(value: float, span: tuple[float, float]) -> float:
    return LEFT + (value - span[0]) / ((span[1] - span[0]) or 1.0) * (RIGHT - LEFT)


def _interval(one: Rate) -> str:
    return f"{one.rate:+.3f} ({one.low:+.3f} to {one.high:+.3f})"
