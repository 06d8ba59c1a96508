import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.phylo.pictures.marks import Page, Text
from app.phylo.pictures.metrics import has_glyphs, shorten, text_width, wrap
from app.phylo.pictures.png import rasterise
from app.phylo.pictures.svg import write
from tests.phylo.pictures.pixels import decode


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("text", ["mistral-7b-Instruct-v0.2", "WWWWiiii", "Ωδοςщ", "99.5 ≥ …"])
def test_the_font_draws_as_wide_as_is_said(text, bold):
    size = 40.0
    page = Page(640, 80, "", "", [Text(10, 60, text, size, bold=bold)])
    inked = decode(rasterise(page, write(page, "light"), 1.0)).min(axis=2) < 128
    columns = np.flatnonzero(inked[:, :].any(axis=0))
    drawn = columns[-1] + 1 - 10
    assert 0.9 * text_width(text, size, bold) - 4 <= drawn <= text_width(text, size, bold)


@given(st.text(max_size=80), st.floats(0, 300), st.floats(1, 20))
def test_what_is_shortened_fits_and_keeps_its_ends(text, room, size):
    short = shorten(text, room, size)
    if text_width(text, size) <= room:
        assert short == text
        return
    assert short.count("…") >= 1
    assert text_width(short, size) <= room + 1e-6 or short == "…" or text == short
    ends = [short[:i] for i, char in enumerate(short) if char == "…"]
    assert any(text.startswith(end) and text.endswith(short[len(end) + 1 :]) for end in ends)


def test_ends_of_long_names_are_quick_to_find():
    assert shorten("a" * 10_000_000 + "-7b", 100, 10).endswith("a-7b")


@given(st.text(st.characters(codec="utf-8"), max_size=200), st.floats(60, 300))
def test_lines_fit_and_words_stay_in_order(text, room):
    lines = wrap(text, room, 12)
    assert all(text_width(line, 12) <= room + 1e-6 for line in lines)
    if "…" not in "".join(lines):
        assert " ".join(lines).split() == text.split()


def test_scripts():
    assert has_glyphs("Qwen2.5 Łódź Ωδός щ")
    assert not has_glyphs("模型")
    assert text_width("模型", 10) == pytest.approx(2 * text_width("模", 10))
    assert text_width("e\u0301", 10) >= text_width("e", 10)
    assert text_width("", 10) == 0
