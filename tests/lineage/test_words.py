"""Words for other programs stay on one line and drive nothing."""

from hypothesis import given
from hypothesis import strategies as st

from app.lineage.words import printable


@given(st.text())
def test_everything_is_printable(text: str) -> None:
    assert printable(text).isprintable()
    if text.isprintable():
        assert printable(text) == text
