"""The two ways in: a tree as SVG, a tree as PNG."""

from dataclasses import replace

from app.errors import InputError
from app.phylo.annotated import Annotated
from app.phylo.pictures.marks import Page
from app.phylo.pictures.png import check_size, rasterise
from app.phylo.pictures.radial import Radial
from app.phylo.pictures.rectangular import Rectangular
from app.phylo.pictures.sheet import Sheet
from app.phylo.pictures.style import Style
from app.phylo.pictures.svg import write

SMALLEST_LETTERS = 5.5  # pixels in a PNG, which cannot be zoomed into


def compose(annotated: Annotated, style: Style) -> Page:
    """Lay the picture out. Raises InputError `picture_too_large` or `bad_style`."""
    sheet = Sheet(annotated, style)
    return Radial(sheet).page() if style.layout == "radial" else Rectangular(sheet).page()


def draw_svg(annotated: Annotated, style: Style) -> str:
    """Return the tree as one SVG document; the same input gives the same text.

    Names that are too small to be read are drawn all the same: an SVG can be zoomed into. Time
    and size O(nodes). Raises InputError `picture_too_large` or `bad_style`.
    """
    return write(compose(annotated, style), style.theme)


def draw_png(annotated: Annotated, style: Style, scale: float = 2.0) -> bytes:
    """Return the tree as PNG, `scale` (0.1 to 8) pixels for each pixel of the SVG.

    Names of tips that would be too small to be read are left out, and the legend says so.
    Raises InputError `picture_too_large` or `bad_style`.
    """
    if style.theme == "auto":
        raise InputError("bad_style", "A PNG cannot change its colours; choose light or dark.")
    if not 0.1 <= scale <= 8:
        raise InputError("bad_style", "Choose a scale of 0.1 to 8.")
    smallest = max(style.smallest_text, SMALLEST_LETTERS / scale)
    page = compose(annotated, replace(style, smallest_text=smallest))
    check_size(page, scale)
    return rasterise(page, write(page, style.theme), scale)
