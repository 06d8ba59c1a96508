"""What stands above the tree: title, caption, legend."""

from app.phylo.pictures import legend
from app.phylo.pictures.marks import Mark, Text
from app.phylo.pictures.metrics import shorten, wrap
from app.phylo.pictures.sheet import Sheet
from app.phylo.visible import visible

MARGIN = 24.0
TITLE, CAPTION = 19.0, 12.5


def draw_header(
    sheet: Sheet, width: float, paragraphs: list[list[legend.Entry]]
) -> tuple[list[Mark], float]:
    """Return the marks and how far down they reach; a long title is shortened, a caption wraps."""
    room = width - 2 * MARGIN
    marks: list[Mark] = []
    y = MARGIN - 4
    title = visible(sheet.style.title)
    if title.strip():
        y += TITLE
        text = shorten(title, room, TITLE, bold=True)
        tooltip = "" if text == title else title
        marks.append(Text(MARGIN, y, text, TITLE, bold=True, tooltip=tooltip, role="title"))
        y += 6
    for line in wrap(visible(sheet.style.caption), room, CAPTION):
        y += CAPTION * 1.4
        marks.append(Text(MARGIN, y, line, CAPTION, "mute", role="caption"))
    signs = legend.draw(paragraphs, MARGIN, y + 8, room)
    bottom = max((mark.y for mark in signs if isinstance(mark, Text)), default=y)
    return marks + signs, bottom + 14


def words(sheet: Sheet) -> tuple[str, str]:
    """Return the title and the description for those who do not see the picture."""
    style, n = sheet.style, sheet.tree.n_tips
    title = style.title if style.title.strip() else f"Tree of {n:,} models"
    kinds = {
        "years": "branches against years",
        "lengths": f"branch lengths in {style.unit}",
        "levels": "order of branching only",
    }
    families = ", ".join(f"{name} {count}" for name, count in sheet.families.coloured)
    parts = [
        f"Phylogenetic tree of {n:,} models, {style.layout}, {kinds[sheet.scale.kind]}.",
        style.caption.strip(),
        f"Largest families: {families}." if families else "",
    ]
    return title, " ".join(part for part in parts if part)
