import json
import math
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors.numpy import save

from app.errors import ModelError
from tests.workers.models import safetensors_bytes
from workers.vetting import safetensors_header
from workers.vetting.safetensors_header import MAX_HEADER_BYTES, read_header

DTYPES = ["bool", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"]
arrays = hnp.arrays(
    st.sampled_from(DTYPES).map(np.dtype), hnp.array_shapes(min_dims=0, max_dims=4, max_side=4)
)


def header_of(raw):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.safetensors")
        path.write_bytes(raw)
        return read_header(path)


def refusal(raw):
    with pytest.raises(ModelError) as error:
        header_of(raw)
    assert error.value.code == "bad_safetensors"
    assert "model.safetensors" in error.value.detail
    return error.value.detail


def tensor(begin=0, end=4, dtype="F32", shape=(1,)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


@settings(deadline=None)
@given(st.dictionaries(st.text().filter(lambda name: name != "__metadata__"), arrays, min_size=1))
def test_what_the_library_saves_is_read_back(tensors):
    raw = save(tensors, metadata={"format": "np"})
    header = header_of(raw)
    assert {name: found.shape for name, found in header.tensors.items()} == {
        name: array.shape for name, array in tensors.items()
    }
    data = raw[len(raw) - header.data_bytes :]
    for name, found in header.tensors.items():
        assert data[found.begin : found.end] == tensors[name].tobytes()


VALID = save({"a": np.zeros((2, 3), "f4"), "b": np.ones(5, "i8")})


@settings(deadline=None)
@given(st.integers(0, len(VALID) - 1), st.integers(1, 255))
def test_a_flipped_byte_is_read_or_refused(position, flip):
    raw = bytearray(VALID)
    raw[position] ^= flip
    try:
        header = header_of(bytes(raw))
    except ModelError as error:
        assert error.code == "bad_safetensors"  # noqa: PT017  either outcome is right
    else:
        assert sum(t.end - t.begin for t in header.tensors.values()) == header.data_bytes


@settings(deadline=None)
@given(st.integers(0, len(VALID) - 1))
def test_every_truncation_is_refused(length):
    refusal(VALID[:length])


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=20))
def test_every_surplus_is_refused(surplus):
    refusal(VALID + surplus)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_are_refused(raw):
    refusal(raw)


numbers = st.integers(-1, 9) | st.integers() | st.floats() | st.booleans() | st.none()
entries = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from(["F32", "U8", "F4", "", None, []]),
        "shape": st.lists(numbers, max_size=4) | st.none() | st.text(),
        "data_offsets": st.lists(numbers, max_size=3) | st.just([0, 8]) | st.none(),
    }
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.text(max_size=3), entries | numbers, max_size=3), st.integers(0, 16))
def test_any_header_is_true_or_refused(header, size):
    raw = safetensors_bytes(header, bytes(size))
    try:
        found = header_of(raw)
    except ModelError as error:
        assert error.code == "bad_safetensors"  # noqa: PT017  either outcome is right
    else:
        items = {"F32": 4, "U8": 1}
        assert size == sum(items[t.dtype] * math.prod(t.shape) for t in found.tensors.values())


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"", "cut short"),
        (b"\xff" * 8, "cut short"),
        (b"\x80\x04pickled data, in a safetensors name", "cut short"),
        (safetensors_bytes(b" " * (MAX_HEADER_BYTES + 1)), "larger"),
        (safetensors_bytes(b' {"a": 1}'), "not a safetensors"),
        (safetensors_bytes(b'{"a":' * 100_000), "nested"),
        (safetensors_bytes({}), "0 tensors"),
        (safetensors_bytes({"__metadata__": {"a": 1}, "x": tensor()}, bytes(4)), "metadata"),
        (safetensors_bytes({"__metadata__": [], "x": tensor()}, bytes(4)), "metadata"),
        (safetensors_bytes({"x": tensor(dtype="F99")}, bytes(4)), "dtype"),
        (safetensors_bytes({"x": tensor(shape=(0, 2**60), end=0)}), "shape"),
        (safetensors_bytes({"x": tensor(shape=(-1,), end=-4)}), "shape"),
        (safetensors_bytes({"x": tensor(shape=(2**62, 2**62))}, bytes(4)), "shape"),
        (safetensors_bytes({"x": tensor(shape=(1,) * 17)}, bytes(4)), "shape"),
        (safetensors_bytes({"x": tensor(shape=(True,))}, bytes(4)), "shape"),
        (safetensors_bytes({"x": tensor(shape=(2,))}, bytes(4)), "do not fit"),
        (safetensors_bytes({"x": tensor(-4, 0)}), "offsets"),
        (safetensors_bytes({"x": tensor(4, 8)}, bytes(8)), "gap or an overlap"),
        (safetensors_bytes({"x": tensor(), "y": tensor()}, bytes(4)), "gap or an overlap"),
        (safetensors_bytes({"x": tensor(), "y": tensor(8, 12)}, bytes(12)), "gap or an overlap"),
        (safetensors_bytes({"x": tensor()}, bytes(3)), "describes 4"),
        (safetensors_bytes({"x": tensor() | {"more": 1}}, bytes(4)), "wrong keys"),
        (safetensors_bytes({"x": [1]}, bytes(4)), "wrong keys"),
    ],
)
def test_faults_are_named(raw, fault):
    assert fault in refusal(raw)


def test_a_key_twice_is_refused():
    entry = json.dumps(tensor()).encode()
    assert "twice" in refusal(safetensors_bytes(b'{"x":%b,"x":%b}' % (entry, entry), bytes(4)))


def test_too_many_tensors_are_refused(monkeypatch):
    monkeypatch.setattr(safetensors_header, "MAX_TENSORS", 3)
    for count in (3, 4):
        raw = safetensors_bytes(
            {str(n): tensor(n, n + 1, "U8") for n in range(count)}, bytes(count)
        )
        if count == 3:
            assert len(header_of(raw).tensors) == 3
        else:
            assert "4 tensors" in refusal(raw)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ModelError, match="cannot be read"):
        read_header(tmp_path / "model.safetensors")
