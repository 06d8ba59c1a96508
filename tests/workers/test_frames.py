"""Frames: what is written reads back, whatever else comes is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers import frames

TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
LOGS = st.lists(st.floats(-100, 0), max_size=3)
FRAMES = st.one_of(
    st.builds(frames.Planned, batches=st.integers(0, 1000)),
    st.builds(frames.Stage, stage=TEXT),
    st.builds(
        frames.Batch,
        protocol=TEXT,
        batch=st.integers(0, 9),
        indices=st.lists(st.integers(0, 9), max_size=3),
        responses=st.one_of(st.lists(TEXT, min_size=1), st.lists(LOGS, min_size=1)),
    ),
    st.builds(frames.Failed, code=st.just("bad_model"), detail=TEXT),
    st.builds(
        frames.Done,
        environment=st.dictionaries(TEXT, st.one_of(TEXT, st.none(), st.integers())),
        seconds=st.dictionaries(TEXT, st.floats(0, 10)),
    ),
)


@given(FRAMES)
def test_a_frame_reads_back(frame: frames.Frame) -> None:
    line = frames.write(frame)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert frames.read(line) == frame


@given(st.binary(max_size=200))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(ValueError, match="faults"):
        frames.read(noise)


@pytest.mark.parametrize(
    "value",
    [
        {"frame": "other"},
        {"frame": "planned"},
        {"frame": "planned", "batches": -1},
        {"frame": "planned", "batches": "3"},
        {"frame": "planned", "batches": 3, "more": 1},
        {"frame": "stage", "stage": "x" * 41},
        {"frame": "failed", "code": "Not A Code", "detail": ""},
        {"frame": "batch", "protocol": "p", "batch": 0, "indices": [0], "responses": [None]},
        {"frame": "batch", "protocol": "p", "batch": 0, "indices": [0], "responses": ["a", [1.0]]},
    ],
)
def test_what_is_no_frame_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="faults"):
        frames.read(json.dumps(value).encode())


def test_numbers_must_be_finite() -> None:
    line = b'{"frame":"batch","protocol":"p","batch":0,"indices":[0],"responses":[[NaN]]}'
    with pytest.raises(ValueError, match="faults"):
        frames.read(line)
