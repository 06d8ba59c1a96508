"""A tree as text for terminals: one line a tip, branches to scale, drawn with box characters."""

import math
import unicodedata
from collections.abc import Callable

from app.phylo.order import small_first
from app.phylo.paths import depths
from app.phylo.tree import Tree, walk
from app.phylo.visible import visible

LEFT, RIGHT, UP, DOWN = 1, 2, 4, 8
# A cell is the sum of the directions in which a line leaves it.
BOX = " ╴╶─╵┘└┴╷┐┌┬│┤├┼"
LEADER = "·"


def draw_text(tree: Tree, annotate: Callable[[str], str] | None = None, width: int = 60) -> str:
    """Return the tree as lines of text, the root at the left, ending in a scale bar.

    `width` (at least 2) is the number of columns for the branches. Names stand to the right of
    them in one column, and what `annotate` says of a name in the next. Small clades come first.
    Every branch with a length gets a column at least, so very short ones look longer than they
    are, and the scale is exact for long ones. Where there is room for it, the support of a branch
    stands on it in percent, rounded down: 100 means all. Characters that could move the cursor or
    turn the text round are shown as escapes. Terminal markup is not escaped: print it as plain
    text.
    """
    below = small_first(tree)
    columns = _columns(tree, below, width)
    rows = _rows(tree, below)
    lines = _branches(tree, below, columns, rows)
    _write_support(tree, lines, columns, rows)
    names = [visible(label) for label in tree.labels]
    room = max(_display_width(name) for name in names)
    for tip in tree.tips:
        note = visible(annotate(tree.labels[tip])) if annotate else ""
        gap = " " * (room - _display_width(names[tip]) + 2) if note else ""
        lines[rows[tip]] += f" {names[tip]}{gap}{note}"
    return "\n".join([*lines, *_scale_bar(tree, width)])


def _columns(tree: Tree, below: list[list[int]], width: int) -> list[int]:
    """Column of every node: its depth to scale, but right of its parent while there is room."""
    depth = depths(tree)
    scale = (width - 1) / max(float(depth.max()), 1e-300)
    columns = [0] * tree.n_nodes
    for node in range(tree.root - 1, -1, -1):
        parent = columns[tree.parents[node]]
        step = 1 if tree.lengths[node] > 0 or not below[node] else 0
        limit = width - 2 if below[node] else width - 1
        columns[node] = min(max(round(depth[node] * scale), parent + step), limit)
    return columns


def _rows(tree: Tree, below: list[list[int]]) -> list[int]:
    """Row of every node: tips one below the other, inner nodes half way between their children."""
    rows = [0] * tree.n_nodes
    free = 0
    for node, entering in walk(below, tree.root):
        if entering:
            continue
        if below[node]:
            rows[node] = (rows[below[node][0]] + rows[below[node][-1]]) // 2
        else:
            rows[node], free = free, free + 1
    return rows


def _branches(tree: Tree, below: list[list[int]], columns: list[int], rows: list[int]) -> list[str]:
    """The lines left of the names."""
    cells = [[0] * (max(columns) + 1) for _ in tree.tips]
    cells[rows[tree.root]][0] |= LEFT
    for node in range(tree.root):
        left, right = columns[tree.parents[node]], columns[node]
        line = cells[rows[node]]
        for column in range(left, right):
            line[column] |= RIGHT
            line[column + 1] |= LEFT
    for node in range(tree.n_tips, tree.n_nodes):
        top, bottom = rows[below[node][0]], rows[below[node][-1]]
        for row in range(top, bottom):
            cells[row][columns[node]] |= DOWN
            cells[row + 1][columns[node]] |= UP
    drawn = ["".join(BOX[cell] for cell in line).rstrip() for line in cells]
    return [line.ljust(max(columns) + 1, LEADER) for line in drawn]


def _write_support(tree: Tree, lines: list[str], columns: list[int], rows: list[int]) -> None:
    """Put the support of inner branches on their lines, where a piece of line is left beside it."""
    if tree.support is None:
        return
    for node in range(tree.n_tips, tree.root):
        share, end = float(tree.support[node]), columns[node]
        text = "" if math.isnan(share) else f"{math.floor(100 * share + 1e-9)}"
        if text and end - columns[tree.parents[node]] - 1 > len(text):
            line = lines[rows[node]]
            lines[rows[node]] = line[: end - len(text)] + text + line[end:]


def _scale_bar(tree: Tree, width: int) -> list[str]:
    """A bar of a round length (1, 2 or 5 times a power of ten), about a sixth of the width."""
    deepest = float(depths(tree).max())
    if deepest == 0:
        return []
    aim = deepest / 6
    power = 10 ** math.floor(math.log10(aim))
    length = max(step * power for step in (1, 2, 5) if step * power <= aim * (1 + 1e-9))
    columns = max(1, round(length / deepest * (width - 1)))
    return ["", "├" + "─" * (columns - 1) + "┤" + f" {length:g}"]


def _display_width(text: str) -> int:
    """Columns that a terminal gives to the text: two for wide characters, none for combining."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )
