"""A leaf: a distribution as a few lines of text, with one value's place in it."""

from collections.abc import Sequence

LEVELS = " ▁▂▃▄▅▆▇█"
HEIGHT = 4
# A bin that holds less than this share of all is left blank.
LEAST = 0.002
AXIS, MARK, BEYOND, BEFORE = "─", "▲", "▶", "◀"


def rows(shares: Sequence[float], height: int = HEIGHT) -> list[str]:
    """Bars of one character each, the highest `height` lines high; what is not LEAST is seen."""
    steps = len(LEVELS) - 1
    highest, least = max(shares) or 1.0, max(sum(shares) * LEAST, 1e-12)
    bars = [max(round(share / highest * height * steps), share >= least) for share in shares]
    return [
        "".join(LEVELS[min(max(bar - line * steps, 0), steps)] for bar in bars)
        for line in reversed(range(height))
    ]


def axis(edges: Sequence[float], value: float) -> str:
    """The line below the bars, marked where the value falls; an arrow when it lies outside."""
    n_bins = len(edges) - 1
    place = int((value - edges[0]) / (edges[-1] - edges[0]) * n_bins)
    if value < edges[0]:
        return BEFORE + AXIS * (n_bins - 1)
    if place >= n_bins:
        return AXIS * n_bins + BEYOND
    return AXIS * place + MARK + AXIS * (n_bins - place - 1)


def merged(values: Sequence[float], n: int) -> list[float]:
    """Sums of each `n` neighbours: the same distribution in wider bins."""
    return [sum(values[first : first + n]) for first in range(0, len(values), n)]
