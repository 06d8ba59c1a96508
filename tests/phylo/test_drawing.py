import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.phylo.drawing import BOX, LEADER, draw_text
from app.phylo.formats.newick import read
from app.phylo.paths import depths
from app.phylo.tree import Tree
from tests.phylo.strategies import caterpillar, random_tree, seeded, trees

LEFT, RIGHT, UP, DOWN = 1, 2, 4, 8


def picture(tree, width=60):
    """The drawing without names and scale bar, as directions per cell."""
    lines = draw_text(tree, width=width).splitlines()[: tree.n_tips]
    drawn = [line.split(" m")[0] for line in lines]
    return [[0 if char == LEADER else BOX.index(char) for char in line] for line in drawn]


@given(trees(max_tips=40), st.integers(4, 80))
@settings(deadline=None, max_examples=50)
def test_every_line_meets_another_and_all_hangs_together(tree, width):
    cells = picture(tree, width)
    inked = {(r, c) for r, line in enumerate(cells) for c, cell in enumerate(line) if cell}
    links = {(RIGHT, LEFT): (0, 1), (LEFT, RIGHT): (0, -1), (DOWN, UP): (1, 0), (UP, DOWN): (-1, 0)}
    assert max(map(len, cells)) <= width
    assert all([cell for cell in line if cell][-1] == LEFT for line in cells)  # each tip's end
    root = next((r, c) for r, c in sorted(inked, key=lambda cell: cell[1]))
    reached, stack, loose = set(), [root], []
    while stack:
        row, column = stack.pop()
        reached.add((row, column))
        for (there, back), (down, right) in links.items():
            beside = (row + down, column + right)
            if not cells[row][column] & there:
                continue
            if beside not in inked or not cells[beside[0]][beside[1]] & back:
                loose.append((row, column, there))
            elif beside not in reached:
                stack.append(beside)
    assert reached == inked
    assert [(column, there) for _, column, there in loose] == [(0, LEFT)]  # the stem of the root


@given(trees(max_tips=40))
@settings(deadline=None, max_examples=30)
def test_one_line_a_tip_with_its_name(tree):
    lines = draw_text(tree).splitlines()[: tree.n_tips]
    assert sorted(line.split()[-1] for line in lines) == sorted(tree.labels)
    assert len({line.index(" m") for line in lines}) == 1


def test_long_branches_are_to_scale():
    tree = read("((m1:1,m2:4):3,(m3:2,m4:6):4);")
    cells = picture(tree, 61)
    ends = [max(c for c, cell in enumerate(line) if cell) for line in cells]
    assert ends == [24, 42, 36, 60]
    assert depths(tree)[:4].tolist() == [4, 7, 6, 10]


def test_a_known_drawing():
    tree = read("((a:1,b:1):1,(c:1,(d:0.5,e:0.5):0.5):1);")
    notes = {"c": "cousin", "e": "last"}
    assert draw_text(tree, lambda name: notes.get(name, ""), width=11).splitlines() == [
        "┌────┬────╴ a",
        "┤    └────╴ b",
        "└────┬────╴ c  cousin",
        "     └──┬─╴ d",
        "        └─╴ e  last",
        "",
        "├┤ 0.2",
    ]


def test_names_cannot_drive_the_terminal_and_wide_ones_line_up():
    tree = read("('\u202ea':1,'\u2028':1,'模型':1,'e\u0301':1,'x%1B[31m':1,'%0A':1);")
    text = draw_text(tree, lambda name: "|\x07", width=5)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\u202e" not in text
    lines = text.splitlines()
    assert len(lines) == 8
    plain = {line.split()[1]: line.index("|") for line in lines[:6]}
    assert plain["\\u202ea"] == plain["\\x1b[31m".join(["x", ""])] == plain["\\n"]
    assert plain["模型"] == plain["\\n"] - 2  # two characters that take four columns
    assert plain["e\u0301"] == plain["\\n"] + 1


@pytest.mark.parametrize("n", [1, 2, 14, 300])
def test_sizes(n):
    tree = random_tree(seeded(n), [f"m{i}" for i in range(n)], False, False)
    lines = draw_text(tree).splitlines()
    assert len(lines) == (n + 2 if n > 1 else 1)
    assert max(map(len, lines)) <= 60 + 1 + len("m299")


def test_deep_trees_and_trees_without_length():
    lines = draw_text(caterpillar(3000), width=20).splitlines()
    assert len(lines) == 3002
    assert {line.index(" m") for line in lines[:3000]} == {20}
    assert draw_text(read("(a:0,(b:0,c:0):0);")).splitlines() == ["┬╴ a", "├╴ b", "└╴ c"]


def test_support_stands_on_its_branch_where_there_is_room():
    tree = read("(((m1:1,m2:1)1:5,m3:1)0.504:5,((m4:1,m5:1)0.9:0.1,(m6:2,m7:2):4):1);")
    drawn = draw_text(tree, width=40).splitlines()
    assert sum(line.count("100┬") + line.count("100┤") for line in drawn) == 1
    assert sum("50" in line for line in drawn) == 1
    assert not any("90" in line for line in drawn), "its branch is too short"


@given(trees(max_tips=30, support=True), st.integers(10, 80))
@settings(deadline=None, max_examples=30)
def test_support_hides_nothing(tree, width):
    bare = Tree(tree.labels, tree.parents, tree.lengths)
    plain, drawn = draw_text(bare, width=width), draw_text(tree, width=width)
    assert [len(line) for line in plain.splitlines()] == [len(line) for line in drawn.splitlines()]
    pairs = zip(plain, drawn, strict=True)
    assert {(old, new) for old, new in pairs if old != new} <= {("─", str(d)) for d in range(10)}
