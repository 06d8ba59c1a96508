"""What a caller may choose about a picture."""

from dataclasses import dataclass
from typing import Literal, get_args

from app.errors import InputError

Layout = Literal["rectangular", "radial"]
Theme = Literal["light", "dark", "auto"]

NARROWEST, WIDEST = 400, 6000


@dataclass(frozen=True)
class Style:
    """How a tree is drawn; all texts may hold anything, they are escaped.

    layout: "rectangular", time or distance from left to right, or "radial", from the middle out.
    theme: "light", "dark", or "auto": as the reader's browser asks (SVG only).
    width: pixels, 400 to 6,000; None chooses by the number of tips. The height follows.
    title, caption: what stands above; a caption says protocol, reference, rooting and number.
    unit: of branch lengths, stands at the scale bar.
    show_support, support_meaning: whether, and what the support of a branch is a share of.
    by_date: draw years instead of lengths when every node has a date.
    highlighted, highlighted_meaning: tips (their indices) that stand out, and why.
    placed, placed_meaning: tips with dashed branches, and why.
    smallest_text: names of tips smaller than this, in pixels, are left out.

    Raises InputError `bad_style`.
    """

    layout: Layout = "rectangular"
    theme: Theme = "light"
    width: int | None = None
    title: str = ""
    caption: str = ""
    unit: str = "distance"
    show_support: bool = True
    support_meaning: str = "share of replicates with the clade"
    by_date: bool = True
    highlighted: frozenset[int] = frozenset()
    highlighted_meaning: str = "asked about"
    placed: frozenset[int] = frozenset()
    placed_meaning: str = "newly placed"
    smallest_text: float = 0.0

    def __post_init__(self) -> None:
        if self.layout not in get_args(Layout):
            raise InputError("bad_style", f"Choose a layout of {', '.join(get_args(Layout))}.")
        if self.theme not in get_args(Theme):
            raise InputError("bad_style", f"Choose a theme of {', '.join(get_args(Theme))}.")
        if self.width is not None and not NARROWEST <= self.width <= WIDEST:
            raise InputError("bad_style", f"Choose a width of {NARROWEST} to {WIDEST} pixels.")
