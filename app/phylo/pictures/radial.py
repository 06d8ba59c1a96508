"""The radial layout: a circular phylogram, the root in the middle, names outside."""

import math
from dataclasses import replace

from app.phylo.pictures import legend
from app.phylo.pictures.circle import Circle, upright
from app.phylo.pictures.header import MARGIN, draw_header, words
from app.phylo.pictures.marks import Anchor, Lines, Mark, Page, Text
from app.phylo.pictures.metrics import text_width
from app.phylo.pictures.notes import Note, spread
from app.phylo.pictures.scales import year_ticks
from app.phylo.pictures.sheet import Sheet
from app.phylo.pictures.sides import crowded, notes_of
from app.phylo.pictures.strokes import Strokes, branch_width, mark_width
from app.phylo.pictures.supports import dot_at, fits, number_above
from app.phylo.pictures.svg import short

GAP, BAR, LEADER = 6.0, 7.0, 18.0
NAMES, NOTES = 0.17, 0.11  # the most of the width that names and notes may take, on either side
LONGEST = 22  # letter heights of a name
LARGEST, NARROW, WIDE = 12.5, 1000.0, 2000.0
AXIS = 11.0
HOLE = 0.2  # of the radius: where the root lies, so that the first branches have room


class Radial:
    """Sizes and places of one radial picture, and the marks that follow from them."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        n = sheet.tree.n_tips
        self.dated = sheet.scale.kind == "years"
        # For names of 9 pixels: what the tips need, and the names on both sides.
        needed = n * 11 / math.pi + 700
        self.width = float(sheet.style.width or min(WIDE, max(min(NARROW, 500 + 25 * n), needed)))
        self.circle = Circle(self.width / 2, 0.0, n, 0.34 if self.dated else 0.12)
        self.outer, self.named = self.width / 4, True
        for _ in range(4):  # radius and letters depend on each other: a few rounds settle them
            self.notes_radius = self.outer
            self.pitch = self.circle.sweep * self.outer / n
            self.size = min(LARGEST, self.pitch * 0.82)
            self.named = self.size >= sheet.style.smallest_text
            self.crowded = crowded(self.pitch) or not self.named
            self.gap = min(GAP, 1 + self.size * 0.4)
            self.notes = notes_of(sheet, self.pitch, self.crowded, self.width * NOTES)
            self.bars_at = self._bars_at()
            self.outer = self._outer()
        self.inner = HOLE * self.outer
        self.labels = [sheet.label(tip, self._room(tip), self.size) for tip in sheet.tree.tips]

    def page(self) -> Page:
        """Draw everything."""
        sheet = self.sheet
        numbers = {self._number_fits(node, share) for node, share in sheet.supports}
        length = self.outer - self.inner
        paragraphs = legend.entries(sheet, length, numbers, self.named, self.crowded)
        marks, bottom = draw_header(sheet, self.width, paragraphs)
        up, down = self._reach()
        self.circle = replace(self.circle, y=bottom + up)
        marks += self._rings() + self._bands() + self._branches() + self._supports()
        marks += self._names() + self._sides() + self._years()
        return Page(self.width, bottom + up + down + MARGIN, *words(sheet), marks)

    def _reach(self) -> tuple[float, float]:
        """Pixels that the drawing needs above and below its middle."""
        drawn = [mark for mark in self._names() + self._sides() if isinstance(mark, Text)]
        heights = [y for text in drawn for _, y in text.corners()]
        edge = self.bars_at + BAR
        return max(edge, -min(heights, default=0.0)), max(edge, *heights, 0.0)

    def radius(self, node: int) -> float:
        """Pixels from the middle."""
        return self.inner + float(self.sheet.scale.at[node]) * (self.outer - self.inner)

    def angle(self, node: int) -> float:
        """Radians, clockwise from the top."""
        return self.circle.angle(self.sheet.slots[node])

    def _bars_at(self) -> float:
        """The radius within which names must stay, where the bars of families begin."""
        reach = self.width / 2 - MARGIN
        if self.notes:
            reach -= LEADER + max(text_width(n.text, n.size, n.bold) for n in self.notes)
        return reach - (BAR if self.sheet.families.ranked else 0)

    def _outer(self) -> float:
        """The radius of the farthest tip, so that every name has room."""
        room = self.bars_at - 2 * self.gap
        if not self.named:
            return room
        widths = self.sheet.label_widths(self.size, min(self.width * NAMES, LONGEST * self.size))
        narrow = self._narrow() / self.outer
        at: list[float] = self.sheet.scale.at[: len(widths)].tolist()
        shares = (max(HOLE + part * (1 - HOLE), narrow) for part in at)
        return min(room, *((room - w) / share for w, share in zip(widths, shares, strict=True)))

    def _narrow(self) -> float:
        """The least radius at which names beside each other do not touch."""
        return self.size * 1.2 * self.sheet.tree.n_tips / self.circle.sweep

    def _name_at(self, tip: int) -> float:
        """The radius at which the name of a tip begins."""
        return max(self.radius(tip), self._narrow()) + self.gap

    def _room(self, tip: int) -> float:
        return self.bars_at - self.gap - self._name_at(tip)

    def _length(self, node: int) -> float:
        return self.radius(node) - self.radius(int(self.sheet.tree.parents[node]))

    def _number_fits(self, node: int, share: float) -> bool:
        """Rows are narrower near the middle."""
        middle = self.radius(node) - self._length(node) / 2
        row = self.pitch * middle / self.outer
        return fits(share, self._length(node), row)

    def _rings(self) -> list[Mark]:
        if not self.dated:
            return []
        x, y = short(self.circle.x), short(self.circle.y)
        rings = []
        for at, _ in self._ticks():
            r = short(self.inner + at * (self.outer - self.inner))
            rings.append(f"M{x} {y}m-{r} 0a{r} {r} 0 1 1 {r} {r}a{r} {r} 0 0 1-{r}-{r}")
        return [Lines(rings, "faint", 1)]

    def _years(self) -> list[Mark]:
        """The dates of the rings, in the gap at the top."""
        if not self.dated:
            return []
        return [
            Text(
                self.circle.x,
                self.circle.y - self.inner - at * (self.outer - self.inner) + AXIS * 0.36,
                name,
                AXIS,
                "mute halo",
                "middle",
                role="axis",
            )
            for at, name in self._ticks()
        ]

    def _ticks(self) -> list[tuple[float, str]]:
        return year_ticks(self.sheet.scale, self.outer - self.inner, apart=24)

    def _bands(self) -> list[Mark]:
        """What makes highlighted tips stand out: a band behind the name, or a line to the note."""
        spokes = []
        for tip in sorted(self.sheet.style.highlighted):
            start = self._name_at(tip) if self.named else self.radius(tip)
            wide = text_width(self.labels[tip][0], self.size, bold=True) if self.named else 0.0
            ends = (start + wide, self.bars_at) if self.crowded else (start - 3, start + wide + 3)
            spokes.append(self.circle.spoke(self.angle(tip), *ends))
        ink, width = (
            ("mark", mark_width(self.pitch)) if self.crowded else ("band butt", self.size * 1.4)
        )
        return [Lines(spokes, ink, width)] if spokes else []

    def _branches(self) -> list[Mark]:
        sheet, circle = self.sheet, self.circle
        strokes = Strokes(branch_width(self.pitch))
        root = sheet.tree.root
        strokes.add(sheet.inks[root], circle.spoke(self.angle(root), self.inner - 10, self.inner))
        for node, parent in enumerate(sheet.tree.parents[:-1].tolist()):
            spoke = circle.spoke(self.angle(node), self.radius(parent), self.radius(node))
            strokes.add(sheet.inks[node], spoke, node in sheet.style.placed)
        for node in sheet.inner:
            first, last = sheet.below[node][0], sheet.below[node][-1]
            arc = circle.arc(self.angle(first), self.angle(last), self.radius(node))
            strokes.add(sheet.inks[node], arc)
        return self._leaders() + strokes.marks()

    def _leaders(self) -> list[Mark]:
        """Lines from tips to names that stand farther out: dotted, or very fine between many."""
        ends = [
            (tip, self.radius(tip) + 4, self._name_at(tip) - self.gap * 0.7)
            for tip in self.sheet.tree.tips
            if self._name_at(tip) - self.radius(tip) > 2 * GAP
        ]
        if not ends or not self.named:
            return []
        spokes = [self.circle.spoke(self.angle(tip), start, end) for tip, start, end in ends]
        fine = self.pitch * 0.1 if self.crowded else 1.0
        return [Lines(spokes, "leader", fine, "" if self.crowded else "0.5 4")]

    def _supports(self) -> list[Mark]:
        marks: list[Mark] = []
        for node, share in self.sheet.supports:
            angle, radius = self.angle(node), self.radius(node)
            if self._number_fits(node, share):
                point = self.circle.point(angle, radius - self._length(node) / 2)
                marks.append(number_above(*point, share, upright(angle)[0]))
            else:
                row = self.pitch * radius / self.outer
                largest = min(3.6, max(row * 0.45, 1.1))
                marks += dot_at(*self.circle.point(angle, radius), share, largest)
        return sorted(marks, key=lambda mark: isinstance(mark, Text))

    def _names(self) -> list[Mark]:
        if not self.named:
            return []
        marks = []
        for tip in self.sheet.order:
            text, whole = self.labels[tip]
            bold = tip in self.sheet.style.highlighted
            angle = self.angle(tip)
            marks.append(
                self._outward(angle, self._name_at(tip), text, self.size, bold, whole, "tip")
            )
        return [*marks]

    def _outward(  # noqa: PLR0913 - what a text is made of
        self, angle: float, radius: float, text: str, size: float, bold: bool, whole: str, role: str
    ) -> Text:
        """A text along a spoke that begins, or on the left ends, at the radius."""
        degrees, turned = upright(angle)
        x, y = self.circle.point(angle, radius)
        down = 0.36 * size
        x, y = (
            x - down * math.sin(math.radians(degrees)),
            y + down * math.cos(math.radians(degrees)),
        )
        anchor: Anchor = "end" if turned else "start"
        return Text(
            x, y, text, size, "ink", anchor, bold=bold, angle=degrees, tooltip=whole, role=role
        )

    def _sides(self) -> list[Mark]:
        """Arcs of families, and the notes beside them with lines to what they name."""
        sheet, circle = self.sheet, self.circle
        middle = self.bars_at + BAR / 2
        inset = min(1.0, self.pitch * 0.08) / self.outer
        marks: list[Mark] = []
        for run in sheet.families.runs(sheet.order):
            ends = circle.angle(run.first - 0.5) + inset, circle.angle(run.last + 0.5) - inset
            ink = sheet.families.ink(run.family)
            marks.append(Lines([circle.arc(*ends, middle)], f"{ink} butt", BAR))
        edge, at = self.bars_at + BAR, self.bars_at + BAR + LEADER

        leaders, texts = [], []
        for note, place in spread(self._notes(at), 0, circle.sweep * at):
            angle = circle.gap / 2 + place / at
            target = circle.gap / 2 + min(max(place, note.span[0]), note.span[1]) / at
            (x, y), (to_x, to_y) = circle.point(target, edge + 2), circle.point(angle, at - 3)
            leaders.append(f"M{short(x)} {short(y)}L{short(to_x)} {short(to_y)}")
            texts.append(
                self._outward(angle, at, note.text, note.size, note.bold, note.tooltip, "note")
            )
        return [*marks, *([Lines(leaders, "leader", 1)] if leaders else []), *texts]

    def _notes(self, radius: float) -> list[Note]:
        """The notes, with their wishes as pixels along the circle on which they will stand."""
        out = radius / self.notes_radius
        return [
            replace(note, wish=note.wish * out, span=(note.span[0] * out, note.span[1] * out))
            for note in self.notes
        ]
