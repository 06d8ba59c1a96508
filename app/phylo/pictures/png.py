"""From SVG to PNG with resvg; the shipped font is always there, the system's only for more."""

from importlib import resources

from app.errors import InputError
from app.phylo.pictures.marks import Page
from app.phylo.pictures.metrics import has_glyphs

MOST_PIXELS = 40_000_000  # 160 MB while it is drawn


def check_size(page: Page, scale: float) -> None:
    """Raise InputError `picture_too_large` where the picture has too many pixels."""
    pixels = page.width * scale * page.height * scale
    if pixels > MOST_PIXELS:
        raise InputError(
            "picture_too_large",
            f"The picture would have {pixels / 1e6:.0f} million pixels, {MOST_PIXELS // 10**6} are "
            "the most; choose a smaller scale or width, fewer models, or SVG.",
        )


def rasterise(page: Page, svg: str, scale: float) -> bytes:
    """Return the page, written as `svg`, as PNG.

    The system's fonts are looked at only where a text has characters that the shipped font
    lacks: then the bytes depend on the machine, else they do not.
    """
    import resvg_py

    fonts = resources.files("app.phylo.pictures.fonts")
    with (
        resources.as_file(fonts / "GenebankSans-Regular.ttf") as regular,
        resources.as_file(fonts / "GenebankSans-Bold.ttf") as bold,
    ):
        return resvg_py.svg_to_bytes(
            svg_string=svg,
            zoom=scale,
            skip_system_fonts=all(has_glyphs(text.text) for text in page.texts),
            font_files=[str(regular), str(bold)],
            font_family="Genebank Sans",
            sans_serif_family="Genebank Sans",
        )
