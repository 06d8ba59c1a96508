from html import escape

from hypothesis import given
from hypothesis import strategies as st

from app.phylo.visible import visible
from tests.phylo.pictures.made_up import parsed


@given(st.text())
def test_nothing_acts_and_plain_text_stays(text):
    shown = visible(text)
    assert visible(shown) == shown
    assert shown.isprintable() or not text.isascii()
    assert parsed(f"<t>{escape(shown)}</t>").text or not shown


def test_known_ones():
    assert visible("a\u202eb\x1b\n\ufffe") == "a\\u202eb\\x1b\\n\\ufffe"
    assert visible("模型 é") == "模型 é"
