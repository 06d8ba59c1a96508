"""What the signs of a picture mean: families, support, scale, marked tips."""

from dataclasses import dataclass

from app.phylo.pictures.marks import Box, Dot, Lines, Mark, Text
from app.phylo.pictures.metrics import shorten, text_width
from app.phylo.pictures.scales import round_length
from app.phylo.pictures.sheet import Sheet
from app.phylo.pictures.supports import GRADES, NUMBER_SIZE
from app.phylo.visible import visible

SIZE = 12.0
LINE = 21.0
GAP = 18.0
LONGEST = 220.0  # pixels of a family's name


@dataclass(frozen=True)
class Entry:
    """One sign and what it means. room: pixels that the sign needs, with the space behind it."""

    text: str
    sign: str = ""
    ink: str = "mute"
    room: float = 0.0
    tooltip: str = ""

    @property
    def width(self) -> float:
        """Pixels that sign and text need."""
        return self.room + text_width(self.text, SIZE)


def entries(
    sheet: Sheet, pixels: float, numbers: set[bool], named: bool, crowded: bool
) -> list[list[Entry]]:
    """Return what the legend says, one list a paragraph.

    pixels: how long the scale is drawn; numbers: whether support stands as numbers (True), as
    dots (False) or as both; named: whether names of tips are drawn; crowded: whether
    a line leads from a highlighted tip to its name, in place of a band behind the name.
    """
    rest = _scale(sheet, pixels) + _supports(sheet, numbers) + _marked(sheet, crowded)
    if not named:
        rest.append(Entry(f"The names of the {sheet.tree.n_tips:,} models are too small to draw."))
    return [paragraph for paragraph in (_families(sheet), rest) if paragraph]


def draw(paragraphs: list[list[Entry]], left: float, top: float, room: float) -> list[Mark]:
    """Return the marks of the legend, flowing in lines no wider than `room`."""
    marks: list[Mark] = []
    y = top - LINE / 2 + SIZE / 2
    for paragraph in paragraphs:
        x, y = left, y + LINE
        for entry in paragraph:
            if x > left and x + entry.width > left + room:
                x, y = left, y + LINE
            marks += _sign(entry, x, y - SIZE * 0.36)
            text = shorten(entry.text, left + room - x - entry.room, SIZE)
            tooltip = entry.tooltip or ("" if text == entry.text else entry.text)
            marks.append(
                Text(x + entry.room, y, text, SIZE, entry.ink, tooltip=tooltip, role="legend")
            )
            x += entry.width + GAP
    return marks


def _families(sheet: Sheet) -> list[Entry]:
    families = sheet.families
    shown = [_family(sheet, name, count) for name, count in families.coloured]
    if families.others:
        models = sum(count for _, count in families.others)
        text = f"{len(families.others)} other families ({models})"
        shown.append(Entry(text, "swatch grey", "mute", 17))
    if shown and families.unknown:
        shown.append(Entry(f"{families.unknown} without a known family"))
    return shown


def _family(sheet: Sheet, name: str, count: int) -> Entry:
    whole = visible(name)
    text = shorten(whole, LONGEST, SIZE)
    tooltip = "" if text == whole else whole
    return Entry(f"{text} ({count})", f"swatch {sheet.families.ink(name)}", "ink", 17, tooltip)


def _scale(sheet: Sheet, pixels: float) -> list[Entry]:
    if sheet.scale.kind == "years":
        return []
    if sheet.scale.kind == "levels":
        return [Entry("All branches have length zero: the picture shows their order only.")]
    length = round_length(sheet.scale.span / 6)
    bar = length / sheet.scale.span * pixels
    return [Entry(f"{length:g} {visible(sheet.style.unit)}", "bar", "ink", bar + 8)]


def _supports(sheet: Sheet, numbers: set[bool]) -> list[Entry]:
    if not sheet.supports:
        return []
    meaning = visible(sheet.style.support_meaning)
    shown = [Entry(f"Support, {meaning}:")]
    if True in numbers:
        words = "percent where there is room, else" if False in numbers else "percent"
        shown.append(Entry(words, "number", "mute", 20))
    if False not in numbers:
        return shown
    shown += [Entry(words, f"dot {ink}", "ink", 13) for _, ink, _, words in GRADES]
    return [*shown, Entry("< 50 %: no dot")]


def _marked(sheet: Sheet, crowded: bool) -> list[Entry]:
    style = sheet.style
    shown = []
    if style.highlighted:
        shown.append(
            Entry(visible(style.highlighted_meaning), "mark" if crowded else "band", "ink", 30)
        )
    if style.placed:
        shown.append(Entry(visible(style.placed_meaning), "dashes", "ink", 32))
    return shown


def _sign(entry: Entry, x: float, middle: float) -> list[Mark]:
    kind, _, ink = entry.sign.partition(" ")
    right = x + entry.room - 8
    signs: dict[str, list[Mark]] = {
        "": [],
        "swatch": [Box(x, middle - 6, 12, 12, ink, 3)],
        "dot": [Dot(x + 4, middle, 4 * _radius(ink), ink)],
        "number": [Text(x, middle + 3, "98", NUMBER_SIZE, "mute", role="legend")],
        "bar": [Lines([f"M{x:.2f} {middle - 4:.2f}v8m0-4H{right:.2f}m0-4v8"], "ink", 1.5)],
        "band": [Box(x, middle - 7, 24, 14, "band", 3)],
        "mark": [Lines([f"M{x:.2f} {middle:.2f}h24"], "mark", 1.5)],
        "dashes": [Lines([f"M{x:.2f} {middle:.2f}h24"], "ink", 1.5, "4 3")],
    }
    return signs[kind]


def _radius(ink: str) -> float:
    return next((part for _, name, part, _ in GRADES if name == ink), 1.0)
