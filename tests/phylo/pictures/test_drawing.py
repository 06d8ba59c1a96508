from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.phylo.annotated import Annotated
from app.phylo.formats.newick import read
from app.phylo.pictures import Style, draw_svg
from app.phylo.pictures.drawing import compose
from app.phylo.tree import Tree
from app.phylo.visible import visible
from tests.phylo.pictures.made_up import made_up, named, outside, overlaps, parsed, touch
from tests.phylo.strategies import caterpillar, trees

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = ("svg", "title", "desc", "style", "rect", "g", "text", "path", "circle")
LAYOUTS = ("rectangular", "radial")
RICH = Style(
    title="Models",
    caption="likelihood-v1, reference 3, minimum variance, many models",
    support_meaning="share of 100 replicates",
    highlighted=frozenset({1}),
    placed=frozenset({0, 2}),
)
HOSTILE = (
    "<script>alert(1)</script>",
    "quote\"s & 'apostrophes' ]]>",
    "control\x00\x07\x1b[31m",
    "\u202eoverride",
    "long-" + "name-" * 2000 + "7b-v2",
    "模型/通义千问-七十亿参数",
    "עברית",
    "e\u0301" * 60,
    "",
    "  ",
    "\ufffe\uffff",
    "tab\tnew\nline",
)


def shown(svg):
    """The texts of a picture and the whole names in their tooltips."""
    found = []
    for text in parsed(svg).iter(f"{SVG}text"):
        tooltip = text.find(f"{SVG}title")
        found.append(((tooltip.tail if tooltip is not None else text.text) or "", tooltip))
    return [(text, None if tooltip is None else tooltip.text) for text, tooltip in found]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dated", [False, True])
@pytest.mark.parametrize("n", [2, 20, 120, 300])
def test_every_text_is_on_the_page_and_none_covers_another(layout, dated, n):
    page = compose(made_up(n, min(n, 12), dated), replace(RICH, layout=layout, placed=frozenset()))
    assert outside(page) == []
    upright = [text for text in page.texts if layout == "rectangular" or not text.angle]
    assert overlaps([text for text in upright if text.role != "support" or n < 200]) == []
    tips = [text for text in page.texts if text.role == "tip"]
    assert len(tips) == n
    assert not any(touch(a, b) for a, b in pairwise(tips))
    notes = [text for text in page.texts if text.role == "note"]
    assert not any(touch(a, b) for a, b in pairwise(notes))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("n", [20, 300])
def test_every_name_is_there_or_its_ends_and_the_whole_as_a_tooltip(layout, n):
    annotated = made_up(n)
    texts = shown(draw_svg(annotated, replace(RICH, layout=layout)))
    whole = {tooltip or text for text, tooltip in texts}
    assert set(annotated.tree.labels) <= whole
    for text, tooltip in texts:
        head, dots, tail = text.partition("…")
        assert not dots or (tooltip.startswith(head) and tooltip.endswith(tail))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_hostile_names_are_words(layout):
    annotated = replace(made_up(12, 3), families=("<b>&", "", '"\u202e', "f" * 999) * 3)
    style = replace(RICH, layout=layout, title="<t>\x00", caption="&\u202e", unit="<u>")
    svg = draw_svg(named(annotated, HOSTILE), style)
    root = parsed(svg)
    assert {element.tag for element in root.iter()} <= {SVG + tag for tag in ELEMENTS}
    assert not any(
        char in svg for char in ("\u202e", "\x00", "\x1b", "\ufffe", "\t", "href", "url(")
    )
    whole = {tooltip or text for text, tooltip in shown(svg)}
    assert {visible(name) if name.strip() else "(no name)" for name in HOSTILE} <= whole
    page = compose(named(annotated, HOSTILE), style)
    assert outside(page) == []
    tips = [text for text in page.texts if text.role == "tip"]
    assert not any(touch(a, b) for a, b in pairwise(tips))


@given(
    trees(max_tips=25, support=True, labels=st.text(max_size=60)),
    st.sampled_from(LAYOUTS),
    st.sampled_from([None, 400, 700, 3000]),
    st.text(max_size=60),
)
@settings(deadline=None, max_examples=60)
def test_any_tree_is_drawn_and_no_text_leaves_the_page(tree, layout, width, words):
    families = tuple(words[: tip % 4] for tip in tree.tips)
    annotated = Annotated(tree, families=families)
    marked = frozenset({0, tree.n_tips - 1})
    style = Style(layout, "auto", width, words, words, words, highlighted=marked, placed=marked)
    assert outside(compose(annotated, style)) == []
    root = parsed(draw_svg(annotated, style))
    assert {element.tag for element in root.iter()} <= {SVG + tag for tag in ELEMENTS}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_the_same_input_gives_the_same_text(layout, theme):
    style = replace(RICH, layout=layout, theme=theme)
    assert draw_svg(made_up(30), style) == draw_svg(made_up(30), style)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_those_who_do_not_see_it_are_told(layout):
    root = parsed(draw_svg(made_up(20), replace(RICH, layout=layout)))
    assert root.get("role") == "img"
    assert [child.tag for child in root[:2]] == [f"{SVG}title", f"{SVG}desc"]
    assert root[0].text == "Models"
    assert "20 models" in root[1].text
    assert RICH.caption in root[1].text


@pytest.mark.parametrize("layout", LAYOUTS)
def test_two_thousand_tips_stay_small_and_name_what_was_asked_about(layout):
    annotated = made_up(2000, 40)
    svg = draw_svg(annotated, replace(RICH, layout=layout))
    assert len(svg) < 1_000_000
    page = compose(annotated, replace(RICH, layout=layout, smallest_text=5.0))
    roles = [text.role for text in page.texts]
    assert "tip" not in roles
    assert any(text.role == "note" and text.bold for text in page.texts)
    assert any("too small" in text.text for text in page.texts)
    assert outside(page) == []
    notes = [text for text in page.texts if text.role == "note"]
    assert len(notes) > 20
    assert not any(touch(a, b) for a, b in pairwise(notes))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "tree",
    [
        Tree(("alone",), np.array([-1]), np.array([0.0])),
        read("(a:1,b:2);"),
        read("(a:0,b:0);"),
        read("((a:0,b:0):0,(c:0,d:0):0);"),
        read("(a:1,b:1,c:1,d:1,e:1e-9);"),
    ],
    ids=["one", "two", "two without length", "no lengths", "star"],
)
def test_small_and_flat_trees(layout, tree):
    page = compose(Annotated(tree), Style(layout=layout))
    assert {text.text for text in page.texts if text.role == "tip"} == set(tree.labels)
    assert outside(page) == []
    parsed(draw_svg(Annotated(tree), Style(layout=layout)))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_tree_as_deep_as_it_has_tips(layout):
    parsed(draw_svg(Annotated(caterpillar(3000)), Style(layout=layout)))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_legend_says_what_the_signs_mean(layout):
    style = replace(RICH, layout=layout, unit="units of distance")
    said = " ".join(t.text for t in compose(made_up(60, 14), style).texts if t.role == "legend")
    assert "units of distance" in said
    assert "share of 100 replicates" in said
    assert "4 other families" in said
    assert "asked about" in said
    assert "newly placed" in said
    bare = Style(layout=layout, show_support=False)
    said = " ".join(t.text for t in compose(made_up(60, 0), bare).texts if t.role == "legend")
    assert "Support" not in said
    assert "famil" not in said


def test_a_dated_tree_has_years_and_no_scale_bar():
    page = compose(made_up(20, dated=True), Style(unit="units"))
    assert {"2020", "2023", "2025"} <= {text.text for text in page.texts if text.role == "axis"}
    assert not any("units" in text.text for text in page.texts)
    plain = compose(made_up(20, dated=True), Style(unit="units", by_date=False))
    assert not any(text.role == "axis" for text in plain.texts)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_placed_tips_are_dashed(layout):
    style = Style(layout=layout, placed=frozenset({3, 4}))
    root = parsed(draw_svg(made_up(20, 0), style))
    paths = [path for path in root.iter(f"{SVG}path") if path.get("stroke-dasharray") == "4 3"]
    assert sum(path.get("d").count("M") for path in paths) == 3  # two branches, one in the legend


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (lambda: Style(layout="round"), "bad_style"),
        (lambda: Style(theme="blue"), "bad_style"),
        (lambda: Style(width=10), "bad_style"),
        (lambda: compose(made_up(5), Style(highlighted=frozenset({5}))), "bad_style"),
        (lambda: draw_svg(Annotated(caterpillar(10_001)), Style()), "picture_too_large"),
    ],
)
def test_what_cannot_be_drawn(bad, code):
    with pytest.raises(InputError) as error:
        bad()
    assert error.value.code == code
