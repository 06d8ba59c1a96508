"""Which notes stand beside the tips, and how large: families, and models in crowded pictures."""

import math

from app.phylo.pictures.families import Run
from app.phylo.pictures.metrics import shorten, text_width
from app.phylo.pictures.notes import Note
from app.phylo.pictures.sheet import Sheet
from app.phylo.visible import visible

NOTE_ROOM = 0.16  # of the width of the picture
SMALL, MIDDLE, LARGE = 12.0, 16.0, 24.0
LINE = 1.25  # of the letters' size
CROWDED = 9.0  # pixels a row: below, names are too small to be read without zooming


def crowded(row: float) -> bool:
    """Whether rows are so narrow that highlighted models need a note to be readable."""
    return row < CROWDED


def notes_of(sheet: Sheet, row: float, is_crowded: bool, room: float) -> list[Note]:
    """Return the notes that would like to stand, in pixels along the tips from the first.

    A family is named wherever two tips or more stand together, and where its largest part is;
    the larger the part, the larger its name, since pictures of many tips are seen from afar.
    """
    runs = sheet.families.runs(sheet.order)
    largest: dict[str, Run] = {}
    for run in runs:
        if run.family not in largest or run.size > largest[run.family].size:
            largest[run.family] = run
    shown = [run for run in runs if run.size > 1 or largest[run.family] == run]
    notes = [_of_family(run, row, is_crowded, room) for run in shown]
    if is_crowded:
        notes += [_of_tip(sheet, tip, row, room) for tip in sorted(sheet.style.highlighted)]
    return notes


def _of_family(run: Run, row: float, is_crowded: bool, room: float) -> Note:
    name = visible(run.family)
    aim = run.size * row * (0.4 if is_crowded else 0.07)
    fitting = room / max(text_width(name[:400], 1.0), 1e-9)
    size = max(SMALL, min(aim, fitting, LARGE if is_crowded else MIDDLE))
    text = shorten(name, room, size)
    span = ((run.first + 0.5) * row, (run.last + 0.5) * row)
    tooltip = "" if text == name else name
    return Note(text, tooltip, sum(span) / 2, size * LINE, size, run.size, span)


def _of_tip(sheet: Sheet, tip: int, row: float, room: float) -> Note:
    """Heavier than any family: it is what was asked about."""
    middle = (sheet.slots[tip] + 0.5) * row
    name = sheet.names[tip]
    text = shorten(name, room, SMALL, bold=True)
    tooltip = "" if text == name else name
    span = (middle, middle)
    return Note(text, tooltip, middle, SMALL * LINE, SMALL, math.inf, span, bold=True)
