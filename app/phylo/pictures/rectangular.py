"""The rectangular layout: time or distance from left to right, one row a tip."""

from app.phylo.pictures import legend
from app.phylo.pictures.header import MARGIN, draw_header, words
from app.phylo.pictures.marks import Box, Lines, Mark, Page, Text
from app.phylo.pictures.metrics import text_width
from app.phylo.pictures.notes import spread
from app.phylo.pictures.scales import year_ticks
from app.phylo.pictures.sheet import Sheet
from app.phylo.pictures.sides import NOTE_ROOM, crowded, notes_of
from app.phylo.pictures.strokes import Strokes, branch_width, mark_width
from app.phylo.pictures.supports import dot_at, fits, number_above
from app.phylo.pictures.svg import short

TALL = 2600.0  # pixels of a tree whose rows have no room for names
NAMES = 0.34  # of the width: the most that the name of the farthest tip may take
STEM, GAP, BAR, LEADER = 10.0, 5.0, 7.0, 16.0
AXIS = 11.0


class Rectangular:
    """Sizes and places of one rectangular picture, and the marks that follow from them."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        n = sheet.tree.n_tips
        self.row = min(26.0, max(13.0, 11 + 300 / n)) if n <= 400 else TALL / n
        self.size = min(14.0, self.row * 0.82)
        self.named = self.size >= sheet.style.smallest_text
        self.width = float(sheet.style.width or (1100 if n <= 400 else 1500))
        self.crowded = crowded(self.row) or not self.named
        self.gap = min(GAP, 1 + self.size * 0.4)
        self.notes = notes_of(sheet, self.row, self.crowded, self.width * NOTE_ROOM)
        self.right = self._right()
        self.left = MARGIN + STEM
        self.pixels = self._pixels()
        self.labels = [sheet.label(tip, self._room(tip), self.size) for tip in sheet.tree.tips]
        self.top = 0.0

    def page(self) -> Page:
        """Draw everything."""
        sheet = self.sheet
        numbers = {fits(share, self._branch(node), self.row) for node, share in sheet.supports}
        paragraphs = legend.entries(sheet, self.pixels, numbers, self.named, self.crowded)
        marks, bottom = draw_header(sheet, self.width, paragraphs)
        axis = AXIS + 8 if sheet.scale.kind == "years" else 0.0
        self.top = bottom + axis
        tree = self.row * sheet.tree.n_tips
        marks += self._axis(tree) + self._bands() + self._branches() + self._supports()
        marks += self._names() + self._sides()
        return Page(self.width, self.top + tree + axis + MARGIN, *words(sheet), marks)

    def x(self, node: int) -> float:
        """Pixels from the left."""
        return self.left + float(self.sheet.scale.at[node]) * self.pixels

    def y(self, slot: float) -> float:
        """Pixels from the top."""
        return self.top + (slot + 0.5) * self.row

    def _room(self, tip: int) -> float:
        """Pixels that the name of a tip may take."""
        return self.right - self.x(tip) - self.gap

    def _right(self) -> float:
        """Where names end and the bars of families begin."""
        right = self.width - MARGIN
        if self.notes:
            right -= LEADER + max(text_width(n.text, n.size, n.bold) for n in self.notes)
        return right - (BAR + 8 if self.sheet.families.ranked else 0)

    def _pixels(self) -> float:
        """Pixels between the root and the farthest tip, so that every name has room."""
        room = self.right - self.left - self.gap
        if not self.named:
            return room
        widths = self.sheet.label_widths(self.size, self.width * NAMES)
        at: list[float] = self.sheet.scale.at[: len(widths)].tolist()
        fitting = ((room - w) / part for w, part in zip(widths, at, strict=True) if part > 0)
        return min(room, *fitting)

    def _branch(self, node: int) -> float:
        """Pixels of the branch above a node."""
        return self.x(node) - self.x(int(self.sheet.tree.parents[node]))

    def _axis(self, tree: float) -> list[Mark]:
        """Grid lines and dates, above and below."""
        if self.sheet.scale.kind != "years":
            return []
        ticks = [
            (self.left + at * self.pixels, name)
            for at, name in year_ticks(self.sheet.scale, self.pixels)
        ]
        bottom = self.top + tree
        grid = [f"M{short(x)} {short(self.top - 2)}V{short(bottom + 2)}" for x, _ in ticks]
        texts = [
            Text(x, y, name, AXIS, "mute", "middle", role="axis")
            for y in (self.top - 6, bottom + AXIS + 3)
            for x, name in ticks
        ]
        return [Lines(grid, "faint", 1), *texts]

    def _bands(self) -> list[Mark]:
        """What makes highlighted tips stand out: a band behind the name, or a line to the note."""
        marks: list[Mark] = []
        for tip in sorted(self.sheet.style.highlighted):
            x, y = self.x(tip) + self.gap, self.y(self.sheet.slots[tip])
            wide = text_width(self.labels[tip][0], self.size, bold=True) if self.named else 0.0
            if self.crowded:
                line = f"M{short(x + wide)} {short(y)}H{short(self.right + 8)}"
                marks.append(Lines([line], "mark", mark_width(self.row)))
                continue
            height = self.row - 1
            marks.append(Box(x - 3, y - height / 2, wide + 6, height, "band", 4))
        return marks

    def _branches(self) -> list[Mark]:
        sheet = self.sheet
        strokes = Strokes(branch_width(self.row))
        root = sheet.tree.root
        ys = [short(self.y(slot)) for slot in sheet.slots]
        xs = [short(self.x(node)) for node in range(sheet.tree.n_nodes)]
        strokes.add(sheet.inks[root], f"M{short(self.left - STEM)} {ys[root]}H{xs[root]}")
        for node, parent in enumerate(sheet.tree.parents[:-1].tolist()):
            dashed = node in sheet.style.placed
            strokes.add(sheet.inks[node], f"M{xs[parent]} {ys[node]}H{xs[node]}", dashed)
        for node in sheet.inner:
            first, last = sheet.below[node][0], sheet.below[node][-1]
            strokes.add(sheet.inks[node], f"M{xs[node]} {ys[first]}V{ys[last]}")
        return strokes.marks()

    def _supports(self) -> list[Mark]:
        marks: list[Mark] = []
        for node, share in self.sheet.supports:
            x, y = self.x(node), self.y(self.sheet.slots[node])
            branch = self._branch(node)
            if fits(share, branch, self.row):
                marks.append(number_above(x - branch / 2, y, share))
            else:
                marks += dot_at(x, y, share, min(3.6, max(self.row * 0.5, 1.1)))
        return sorted(marks, key=lambda mark: isinstance(mark, Text))

    def _names(self) -> list[Mark]:
        if not self.named:
            return []
        marks = []
        for tip in self.sheet.order:
            text, whole = self.labels[tip]
            x, y = self.x(tip) + self.gap, self.y(self.sheet.slots[tip]) + self.size * 0.36
            bold = tip in self.sheet.style.highlighted
            marks.append(Text(x, y, text, self.size, "ink", bold=bold, tooltip=whole, role="tip"))
        return [*marks]

    def _sides(self) -> list[Mark]:
        """Bars of families, and the notes beside them with lines to what they name."""
        sheet, x = self.sheet, self.right + 8
        marks: list[Mark] = []
        for run in sheet.families.runs(sheet.order):
            inset = min(1.0, self.row * 0.08)
            top = self.y(run.first - 0.5) + inset
            height = run.size * self.row - 2 * inset
            ink = sheet.families.ink(run.family)
            marks.append(Box(x, top, BAR, height, ink, min(2.0, height / 2)))
        x += BAR if sheet.families.ranked else 0
        bottom = self.row * sheet.tree.n_tips
        leaders: list[str] = []
        texts: list[Mark] = []
        for note, place in spread(self.notes, 0, bottom):
            anchor = min(max(place, note.span[0]), note.span[1])
            y, target = self.top + place, self.top + anchor
            leaders.append(f"M{short(x + 2)} {short(target)}L{short(x + LEADER - 3)} {short(y)}")
            texts.append(
                Text(
                    x + LEADER,
                    y + note.size * 0.36,
                    note.text,
                    note.size,
                    bold=note.bold,
                    tooltip=note.tooltip,
                    role="note",
                )
            )
        return [*marks, *([Lines(leaders, "leader", 1)] if leaders else []), *texts]
