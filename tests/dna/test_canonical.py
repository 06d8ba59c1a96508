"""The canonical digest."""

import hashlib
import math
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from app.dna.canonical import Json, digest_file, digest_json


def test_it_is_sha256_of_rfc_8785() -> None:
    # Keys in UTF-16 order, no spaces, shortest numbers: section 3.2 of the RFC.
    text = '{"a":1,"b":[true,null,"€"],"c":1e+30}'
    value = {"c": 1e30, "b": [True, None, "€"], "a": 1.0}
    assert digest_json(value) == hashlib.sha256(text.encode()).hexdigest()


TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
# Around the places where writers begin to differ: exponents, whole numbers, the smallest.
NEAR = st.sampled_from([1e-7, 1e-6, 9.99e-6, 1e-5, 1e-4, 1.0, 1e15, 1e16, 1e17, 1e21, 1e22, 0.0])
NUMBER = (
    st.floats(allow_nan=False, allow_infinity=False)
    | NEAR.flatmap(lambda x: st.sampled_from([x, -x, math.nextafter(x, 1e99), x * 1.1, x * 0.9]))
    | st.floats(width=32, allow_nan=False, allow_infinity=False)
)
VALUE = st.recursive(
    TEXT | NUMBER | st.integers(-(2**53) + 1, 2**53 - 1) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.lists(NUMBER, max_size=8),
    max_leaves=12,
)


@given(value=VALUE)
def test_the_quick_way_gives_the_same_digest(value: Json) -> None:
    """What a model is known by must not hang on which writer of JSON was used."""
    assert digest_json(value) == hashlib.sha256(rfc8785.dumps(value)).hexdigest()


@given(numbers=st.lists(NUMBER, min_size=1, max_size=20), label=TEXT)
def test_so_it_does_for_vectors_and_answers(numbers: list[float], label: str) -> None:
    for value in (["reported", label, [numbers]], ["reported", label, [label, label]]):
        assert digest_json(value) == hashlib.sha256(rfc8785.dumps(value)).hexdigest()


@pytest.mark.parametrize("value", [[math.nan], [0.5, math.inf], ["\ud800"], [2**53 + 1]])
def test_what_has_no_canonical_form_is_refused(value: Json) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each writer has its own
        digest_json(value)


def test_that_of_a_file_is_sha256_of_its_bytes(tmp_path: Path) -> None:
    content = bytes(range(256)) * 2_000
    (tmp_path / "file").write_bytes(content)
    assert digest_file(tmp_path / "file") == hashlib.sha256(content).hexdigest()
