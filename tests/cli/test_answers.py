"""Answers as people read them: nothing drives the terminal, and what is marked can be seen."""

import re

from hypothesis import given
from hypothesis import strategies as st

from app.cli.answers import CLOSE, GAP, OPEN, ROOM, Span, excerpts, marked

texts = st.text(alphabet=st.sampled_from("ab \n\t[]\x1b\u202e🦊"), max_size=3000)


@st.composite
def texts_and_spans(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = draw(texts)
    borders = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    return text, [(a, b) for a, b in zip(borders[::2], borders[1::2], strict=False)]


@given(texts_and_spans())
def test_what_is_shown_whole_is_the_text_with_its_spans_in_brackets(
    case: tuple[str, list[Span]],
) -> None:
    text, spans = case
    plain = marked(text, spans, full=True, brackets=False).plain
    assert all(char.isprintable() or char == "\n" for char in plain)
    bracketed = marked(text, spans, full=True, brackets=True).plain
    assert bracketed.replace(OPEN, "").replace(CLOSE, "") == plain
    inside = re.findall(f"{OPEN}(.*?){CLOSE}", bracketed, flags=re.DOTALL)
    assert len(inside) == len(spans)
    for words, span in zip(inside, spans, strict=True):
        assert words == marked(text[slice(*span)], [], full=True, brackets=True).plain


@given(texts_and_spans())
def test_excerpts_are_pieces_of_the_text_in_order(case: tuple[str, list[Span]]) -> None:
    text, spans = case
    pieces = excerpts(text, spans)
    borders = [border for piece in pieces for border in piece]
    assert borders == sorted(borders)
    assert borders[0] == 0
    assert borders[-1] <= len(text)
    around = [span for span in spans if any(a <= span[0] and span[1] <= b for a, b in pieces)]
    shown = sum(b - a for a, b in pieces)
    assert around == spans or shown >= ROOM
    assert around == spans[: len(around)]


def test_what_is_left_out_is_said() -> None:
    text = "opening " * 40 + "far " * 300 + "the velvet otter " + "end " * 300
    at = text.index("the velvet otter")
    shown = marked(text, [(at, at + 16)], full=False, brackets=True).plain
    assert f"{OPEN}the velvet otter{CLOSE}" in shown
    assert shown.startswith("opening opening")
    assert shown.count(GAP) == 2
    assert shown.endswith(GAP)
    assert not re.search(r"\bpening|\bar\b|\bfa\b|\bnd\b|\ben\b", shown), "no word is cut"
    assert len(shown) < 600
    assert GAP not in marked("short", [], full=False, brackets=False).plain


def test_markup_and_controls_are_shown_as_they_are() -> None:
    shown = marked("[red]\x1b[31m\u202etext\r\n\tx\r", [], full=True, brackets=False)
    assert shown.plain == "[red]\\x1b[31m\\u202etext\n    x\\r"
    assert not shown.spans
