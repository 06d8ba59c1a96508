"""What both layouts start from: the order of tips, the scale, families and names to show."""

from app.errors import InputError
from app.phylo.annotated import Annotated
from app.phylo.order import drawn_order, small_first
from app.phylo.pictures.families import Families
from app.phylo.pictures.metrics import shorten, text_width
from app.phylo.pictures.scales import scale_of
from app.phylo.pictures.style import Style
from app.phylo.visible import visible

MOST_TIPS = 10_000
UNNAMED = "(no name)"


class Sheet:
    """A tree made ready for drawing.

    below: children of every node, in drawing order; order: the tips in drawing order.
    slots: of every node, its place across the tips; tips at 0 ... n - 1, an inner node half way
        between its first and last child.
    names: of every tip, its name with nothing in it that could act.

    Raises InputError `picture_too_large` or `bad_style`.
    """

    def __init__(self, annotated: Annotated, style: Style) -> None:
        tree = annotated.tree
        if tree.n_tips > MOST_TIPS:
            raise InputError(
                "picture_too_large",
                f"A picture shows at most {MOST_TIPS:,} models, not {tree.n_tips:,}; "
                "draw a family or the relatives of one model.",
            )
        if any(tip not in tree.tips for tip in style.highlighted | style.placed):
            raise InputError("bad_style", f"Mark tips by their indices, 0 to {tree.n_tips - 1}.")
        self.annotated, self.style, self.tree = annotated, style, tree
        self.below = small_first(tree)
        self.order = drawn_order(tree, self.below)
        self.slots = self._slots()
        self.scale = scale_of(annotated, style.by_date)
        self.families = Families(annotated)
        self.inks = self.families.branch_inks(tree)
        self.names = [visible(label) if label.strip() else UNNAMED for label in tree.labels]

    @property
    def inner(self) -> range:
        """The inner nodes."""
        return range(self.tree.n_tips, self.tree.n_nodes)

    @property
    def supports(self) -> list[tuple[int, float]]:
        """Inner nodes and the support of the branch above, where it is to be shown."""
        support = self.tree.support
        if support is None or not self.style.show_support:
            return []
        known = ((node, float(support[node])) for node in self.inner if node != self.tree.root)
        return [(node, share) for node, share in known if share == share]  # not NaN

    def label(self, tip: int, room: float, size: float) -> tuple[str, str]:
        """The name of a tip as it fits, and its whole name as a tooltip where that is not all."""
        bold = tip in self.style.highlighted
        text = shorten(self.names[tip], room, size, bold)
        return text, "" if text == self.names[tip] else self.names[tip]

    def label_widths(self, size: float, limit: float) -> list[float]:
        """Pixels that the name of every tip would like, at most `limit`."""
        marked = self.style.highlighted
        return [
            min(text_width(name[:400], size, tip in marked), limit)
            for tip, name in enumerate(self.names)
        ]

    def _slots(self) -> list[float]:
        slots = [0.0] * self.tree.n_nodes
        for place, tip in enumerate(self.order):
            slots[tip] = float(place)
        for node in self.inner:
            first, last = self.below[node][0], self.below[node][-1]
            slots[node] = (slots[first] + slots[last]) / 2
        return slots
