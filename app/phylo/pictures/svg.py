"""A page as SVG: no scripts, no references, names escaped; the same page gives the same text."""

from collections.abc import Iterator
from html import escape
from itertools import groupby

from app.phylo.pictures.marks import Box, Dot, Lines, Mark, Page, Text
from app.phylo.pictures.style import Theme
from app.phylo.pictures.themes import style_sheet
from app.phylo.visible import visible


def write(page: Page, theme: Theme) -> str:
    """Return the page as one SVG document, its size in pixels, that scales with its frame."""
    width, height = short(page.width), short(page.height)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" class="gt-{theme}">',
        f"<title>{_words(page.title)}</title><desc>{_words(page.description)}</desc>",
        f"<style>{style_sheet(theme)}</style>",
        f'<rect class="page" width="{width}" height="{height}"/>',
    ]
    for looks, marks in groupby(page.marks, key=_looks):
        parts.append("".join(_group(looks, marks)))
    return "\n".join([*parts, "</svg>\n"])


def short(number: float) -> str:
    """Return a number with two decimals at most."""
    text = f"{number:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _words(text: str) -> str:
    return escape(visible(text))


def _looks(mark: Mark) -> str:
    """The attributes that neighbours share, so that they are written once."""
    if not isinstance(mark, Text):
        return ""
    anchor = "" if mark.anchor == "start" else f' text-anchor="{mark.anchor}"'
    weight = ' font-weight="700"' if mark.bold else ""
    return f'class="{mark.ink}" font-size="{short(mark.size)}"{anchor}{weight}'


def _group(looks: str, marks: Iterator[Mark]) -> Iterator[str]:
    if looks:
        yield f"<g {looks}>"
    for mark in marks:
        if isinstance(mark, Text):
            yield _text(mark)
        elif isinstance(mark, Lines):
            yield _lines(mark)
        elif isinstance(mark, Dot):
            yield _dot(mark)
        else:
            yield _box(mark)
    if looks:
        yield "</g>"


def _text(mark: Text) -> str:
    turn = ""
    if mark.angle:
        turn = f' transform="rotate({short(mark.angle)} {short(mark.x)} {short(mark.y)})"'
    tooltip = f"<title>{_words(mark.tooltip)}</title>" if mark.tooltip else ""
    place = f'x="{short(mark.x)}" y="{short(mark.y)}"'
    return f"<text {place}{turn}>{tooltip}{escape(mark.text)}</text>"


def _lines(mark: Lines) -> str:
    dashes = f' stroke-dasharray="{mark.dashes}"' if mark.dashes else ""
    commands = "".join(mark.commands)
    return f'<path class="{mark.ink}" stroke-width="{short(mark.width)}"{dashes} d="{commands}"/>'


def _dot(mark: Dot) -> str:
    place = f'cx="{short(mark.x)}" cy="{short(mark.y)}" r="{short(mark.radius)}"'
    if mark.radius < 3:
        place += f' stroke-width="{short(mark.radius / 3)}"'
    return f'<circle class="{mark.ink}" {place}/>'


def _box(mark: Box) -> str:
    place = f'x="{short(mark.x)}" y="{short(mark.y)}"'
    size = f'width="{short(mark.width)}" height="{short(mark.height)}"'
    rounding = f' rx="{short(mark.rounding)}"' if mark.rounding else ""
    return f'<rect class="{mark.ink}" {place} {size}{rounding}/>'
