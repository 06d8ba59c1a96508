"""Cursors: what is signed can be read back, anything else cannot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.cursors import Cursors
from app.errors import InputError

cursors = Cursors(b"k" * 32)
texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(scope=texts, after=texts)
def test_what_was_written_is_read(scope: str, after: str) -> None:
    assert cursors.read(scope, cursors.write(scope, after)) == after


@given(after=texts, data=st.data())
def test_any_change_is_noticed(after: str, data: st.DataObject) -> None:
    cursor = cursors.write("models", after)
    place = data.draw(st.integers(0, len(cursor) - 1))
    changed = cursor[:place] + data.draw(st.characters()) + cursor[place + 1 :]
    if changed != cursor:
        _refused(cursors, "models", changed)


@given(texts)
def test_what_nobody_signed_is_refused(text: str) -> None:
    _refused(cursors, "models", text)


def test_a_cursor_is_for_one_list_of_one_installation() -> None:
    _refused(cursors, "jobs None", cursors.write("models", "mdl_1"))
    _refused(Cursors(b"other"), "models", cursors.write("models", "mdl_1"))
    # Where one part ends and the other begins is signed too.
    _refused(cursors, "jobs", cursors.write("jobs\0a", "b"))


def _refused(by: Cursors, scope: str, cursor: str) -> None:
    with pytest.raises(InputError) as caught:
        by.read(scope, cursor)
    assert caught.value.code == "bad_cursor"
