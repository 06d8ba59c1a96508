import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.vetting.data import MAX_DEPTH, FaultyDataError, parse_object, shown

ROOM = 1_000_000
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    scalars | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.text(), values))
def test_what_json_writes_is_read_back(value):
    assert parse_object(json.dumps(value).encode(), ROOM) == value


@given(
    st.binary(max_size=200) | st.text(alphabet='{}[]",:1eE+-.aN\\u0', max_size=60).map(str.encode)
)
def test_any_bytes_are_read_or_refused(raw):
    try:
        assert isinstance(parse_object(raw, ROOM), dict)
    except FaultyDataError:
        return


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"[]", "not a JSON object"),
        (b"{", "not valid JSON"),
        (b'{"a": "\xff"}', "not valid JSON"),
        ('{"a": 1}'.encode("utf-16"), "not valid JSON"),
        (b'{"a": 1, "a": 2}', "the key 'a' twice"),
        (b'{"o": {"a": 1, "b": 2, "a": 1}}', "the key 'a' twice"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "Infinity"),
        (b'{"a": 1e999}', "too large"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "not valid JSON"),
        (b'{"a":' * 50_000, "nested"),
        (b'{"a": ' + b"[" * 40_000, "nested"),
        (b'{"a": [' + b",".join([b"[]"] * 200_000) + b"]}", "lists and objects"),
        (b" " * ROOM + b"{}", "larger"),
    ],
)
def test_faults_are_named(raw, fault):
    with pytest.raises(FaultyDataError, match=fault):
        parse_object(raw, ROOM)


def test_depth_is_counted_exactly():
    def nested(depth):
        return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"

    parse_object(nested(MAX_DEPTH), ROOM)
    with pytest.raises(FaultyDataError, match="nested"):
        parse_object(nested(MAX_DEPTH + 1), ROOM)


@given(st.text())
def test_shown_text_is_short_printable_ascii(text):
    quoted = shown(text)
    assert len(quoted) <= 80
    assert quoted.isascii()
    assert quoted.isprintable()
