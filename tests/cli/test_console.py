import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli import console

UNICODE = st.text(st.characters(codec="utf-8"))
JSON = st.dictionaries(UNICODE, UNICODE | st.lists(UNICODE), max_size=3)


@given(st.text())
def test_nothing_that_is_visible_drives_a_terminal(text: str) -> None:
    seen = console.visible(text)
    assert seen.isprintable()
    assert console.visible(seen) == seen


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_printable_text_is_shown_as_it_is(text: str) -> None:
    assert console.shown(text).plain == text


@pytest.mark.parametrize("name", ["[bold]x[/bold]", "[/]", "[link=http://x]y[/link]", ":smile:"])
def test_markup_is_text(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    console.out().print(console.shown(name))
    assert capsys.readouterr().out == name + "\n"


@given(value=JSON, indent=st.sampled_from([None, 1, "\t"]))
def test_json_keeps_its_value_and_is_printable(value: object, indent: int | str | None) -> None:
    written: list[str] = []

    class Stream:
        write = staticmethod(written.append)
        flush = staticmethod(lambda: None)

    before, sys.stdout = sys.stdout, Stream()  # type: ignore[assignment]
    try:
        console.emit_json(json.dumps(value, ensure_ascii=False, indent=indent))
    finally:
        sys.stdout = before
    text = "".join(written)
    assert json.loads(text) == value
    assert text.replace("\n", "").replace("\t", "").isprintable()
