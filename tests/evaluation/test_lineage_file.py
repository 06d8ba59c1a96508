"""Lineage files: what is written is read back, and what is wrong is named with its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InputError
from app.evaluation.lineage_file import COLUMNS, LineageRow, parse_lineage

HEADER = "model\tbase\tparent\trelation\treleased\n"

NAMES = st.text("abcXYZ-._/0123456789é ", min_size=1, max_size=8).map(str.strip).filter(bool)
DATES = st.sampled_from(["", "2024-02", "2023-12-31"])


@st.composite
def lineages(draw: st.DrawFn) -> list[LineageRow]:
    """Lines in any order, whose parents are outside of the file or drawn from later names."""
    names = draw(st.lists(NAMES, min_size=1, max_size=6, unique=True))
    rows = []
    for number, name in enumerate(names):
        known = st.sampled_from([*names[number + 1 :], "somewhere-else"])
        rows.append(
            LineageRow(
                model=name,
                base=draw(st.one_of(st.just(""), NAMES)),
                parents=tuple(draw(st.lists(known, max_size=3, unique=True))),
                relation=draw(st.sampled_from(["", "finetune", "merge"])),
                released=draw(DATES),
                series=draw(st.sampled_from(["", "llama"])),
            )
        )
    return draw(st.permutations(rows))


def written(rows: list[LineageRow], columns: list[str], end: str) -> bytes:
    lines = ["\t".join(columns)]
    for row in rows:
        fields = vars(row) | {"parent": ",".join(row.parents)}
        lines.append("\t".join(fields[column] for column in columns))
    return "".join(line + end for line in lines).encode()


@given(
    rows=lineages(),
    columns=st.permutations(COLUMNS),
    end=st.sampled_from(["\n", "\r\n", "\n\n"]),
    mark=st.sampled_from([b"", b"\xef\xbb\xbf"]),
)
def test_lines_come_back_whatever_the_order_of_the_columns(
    rows: list[LineageRow], columns: list[str], end: str, mark: bytes
) -> None:
    assert parse_lineage(mark + written(rows, columns, end)) == tuple(rows)


@given(rows=lineages(), data=st.data())
def test_a_way_back_to_a_model_is_a_circle(rows: list[LineageRow], data: st.DataObject) -> None:
    by_name = {row.model: row for row in rows}
    start = data.draw(st.sampled_from(rows))
    last = start
    while ahead := [name for name in last.parents if name in by_name]:
        last = by_name[data.draw(st.sampled_from(ahead))]
    closed = [
        row if row is not last else LineageRow(row.model, "other", (*row.parents, start.model))
        for row in rows
    ]
    with pytest.raises(InputError, match="go round in a circle") as caught:
        parse_lineage(written(closed, list(COLUMNS), "\n"))
    assert repr(start.model) in caught.value.detail or len(rows) > 1


def test_a_long_line_of_descent_is_none() -> None:
    lines = [f"m{i}\tb\tm{i + 1}" for i in range(20_000)]
    assert len(parse_lineage(("model\tbase\tparent\n" + "\n".join(lines)).encode())) == 20_000


def test_tabs_that_an_editor_stripped_are_empty_fields() -> None:
    [row] = parse_lineage((HEADER + "wolf\tcanis").encode())
    assert row == LineageRow("wolf", "canis")


def test_an_own_model_of_an_api_is_its_own_base() -> None:
    [row] = parse_lineage((HEADER + "gpt\tgpt\tgpt\tapi\t").encode())
    assert row.parents == ()


@pytest.mark.parametrize("base", ["", "unknown", "Ensemble", "adversarial"])
def test_a_base_that_is_none_is_not_known(base: str) -> None:
    assert not LineageRow("m", base).has_base


BAD = {
    "nothing": ("", "it is empty"),
    "no header": ("wolf\tcanis\n", "'wolf', 'canis' is none of them"),
    "an unknown column": ("model\tbase\tcolour\n", "'colour'"),
    "a column twice": ("model\tbase\tbase\n", "each once"),
    "no base": ("model\tparent\n", "it lacks 'base'"),
    "commas": ("model,base\n", "separated by tabs"),
    "a line of one field": (HEADER + "wolf canis\n", "line 2 has 1 fields"),
    "a line of six fields": (HEADER + "a\tb\t\t\t\t\n", "line 2 has 6 fields"),
    "no model": (HEADER + "\tcanis\t\t\t\n", "Line 2: A label"),
    "a model twice": (
        HEADER + "a\tb\t\t\t\n\nc\td\t\t\t\na\tb\t\t\t\n",
        "'a' stands on lines 2 and 5",
    ),
    "a date that is none": (HEADER + "a\tb\t\t\t2024\n", "line 2 must be a date"),
    "its own parent": (HEADER + "a\tb\ta\t\t\n", "circle (lines 2): 'a' from 'a'"),
    "a circle": (HEADER + "a\tx\tb\t\t\nb\tx\tc,a\t\t\nc\tx\t\t\t\n", "'a' from 'b' from 'a'"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_wrong_is_said(what: str) -> None:
    text, says = BAD[what]
    with pytest.raises(InputError) as caught:
        parse_lineage(text.encode())
    assert caught.value.code == "bad_lineage"
    assert says in caught.value.detail


def test_other_encodings_are_refused() -> None:
    with pytest.raises(InputError, match="not UTF-8"):
        parse_lineage(b"model\tbase\n\xff\t\n")
