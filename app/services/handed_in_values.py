"""The values of what somebody hands in, checked one by one; each check is told how to complain."""

import json
import math
import re
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
import orjson

from app.errors import InputError
from app.records import check_label

LARGEST = 1e30  # so that sums and projections of such numbers are float32 too
SMALLEST = 1e-30  # no vector of this length is zero everywhere in float32
SURROGATE = re.compile("[\ud800-\udfff]")

# Takes what is wrong, and raises it with the place where it is.
Bad = Callable[[str], NoReturn]


def json_object(data: bytes, bad: Bad) -> dict[str, Any]:
    """Read a JSON object."""
    try:
        # The strict and quick one first: what it does not read, the other reads or has words for.
        value = orjson.loads(data)
    except ValueError:
        value = _patiently(data, bad)
    if not isinstance(value, dict):
        bad("it must be a JSON object")
    return value


def _patiently(data: bytes, bad: Bad) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        bad(f"it is not JSON ({error})")


def answers(values: list[Any], bad: Bad) -> tuple[str, ...]:
    """Answers are valid Unicode."""
    for place, value in enumerate(values, 1):
        if not isinstance(value, str):
            bad(f"answer {place} must be a string")
        if SURROGATE.search(value):
            bad(f"answer {place} is not valid Unicode (a lone surrogate)")
    return tuple(values)


def vector(values: list[Any], bad: Bad) -> tuple[float, ...]:
    """Vectors hold numbers that float32 can tell from zero and from infinity."""
    # A length says it of all at once, and is neither here nor there for NaN.
    if set(map(type, values)) == {float} and SMALLEST < math.hypot(*values) <= LARGEST:
        return tuple(values)
    # One by one, to name what is wrong; or with whole numbers, some of which no float64 holds.
    for place, value in enumerate(values, 1):
        if not isinstance(value, int | float) or isinstance(value, bool):
            bad(f"number {place} of the vector is no number")
        if not abs(value) <= LARGEST:  # also false for NaN
            bad(f"number {place} of the vector is not within 1e30 of zero")
    if not np.asarray(values, dtype=np.float32).any():
        bad("the vector is zero everywhere: it says nothing")
    return tuple(map(float, values))


def label(value: object, bad: Bad) -> str:
    """Labels can be shown and kept."""
    if not isinstance(value, str):
        bad("a model's label must be a string")
    try:
        return check_label(value)
    except InputError as error:
        bad(error.detail)
