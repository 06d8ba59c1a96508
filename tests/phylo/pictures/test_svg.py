import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.phylo.pictures.marks import Page, Text
from app.phylo.pictures.svg import short, write
from tests.phylo.pictures.made_up import parsed


@given(st.floats(-1e5, 1e5))
def test_short_numbers_are_near(number):
    text = short(number)
    assert float(text) == pytest.approx(number, abs=0.00501)
    assert text not in ("-0", "")
    assert "e" not in text


def test_known_numbers():
    assert [short(n) for n in (0, -0.001, 1.5, 100, 2.999, 0.05)] == [
        "0", "0", "1.5", "100", "3", "0.05",
    ]  # fmt: skip


def test_neighbours_that_look_alike_share_a_group():
    texts = [Text(1, 2, "a", 10), Text(1, 3, "b", 10), Text(1, 4, "c", 12, bold=True)]
    root = parsed(write(Page(10, 10, "t", "d", list(texts)), "light"))
    groups = [(group.get("font-size"), len(group)) for group in root if group.tag.endswith("}g")]
    assert groups == [("10", 2), ("12", 1)]


@given(st.text(), st.text())
def test_any_title_and_description(title, description):
    root = parsed(write(Page(10, 10, title, description), "auto"))
    assert len(root) == 4
