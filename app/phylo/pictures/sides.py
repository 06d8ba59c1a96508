"""Which notes stand beside the tips, and how large: families, and models in crowded pictures."""

from app.phylo.pictures.families import Run
from app.phylo.pictures.metrics import shorten
from app.phylo.pictures.notes import Note
from app.phylo.pictures.sheet import Sheet
from app.phylo.visible import visible

NOTE_ROOM = 0.16  # of the width of the picture
SMALL, LARGE = 12.0, 24.0
CROWDED = 9.0  # pixels a row: below, names are too small to be read without zooming


def crowded(row: float) -> bool:
    """Whether rows are so narrow that highlighted models need a note to be readable."""
    return row < CROWDED


def notes_of(sheet: Sheet, row: float, is_crowded: bool, room: float) -> list[Note]:
    """Return the notes that would like to stand, in pixels along the tips from the first.

    A family is named wherever two tips or more stand together, and where its largest part is.
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
    extent = run.size * row
    size = min(LARGE, max(SMALL, extent * (0.4 if is_crowded else 0.06)))
    whole = visible(run.family)
    text = shorten(whole, room, size)
    span = (run.first * row + row / 2, run.last * row + row / 2)
    full = "" if text == whole else whole
    return Note(text, full, sum(span) / 2, size * 1.25, size, run.size, span)


def _of_tip(sheet: Sheet, tip: int, row: float, room: float) -> Note:
    """Heavier than any family: it is what was asked about."""
    middle = (sheet.slots[tip] + 0.5) * row
    whole = sheet.names[tip]
    text = shorten(whole, room, SMALL, bold=True)
    weight = sheet.tree.n_tips + 1.0
    full = "" if text == whole else whole
    return Note(text, full, middle, SMALL * 1.25, SMALL, weight, (middle, middle), bold=True)
