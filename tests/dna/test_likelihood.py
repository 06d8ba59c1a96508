"""The likelihood encoder."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dna.likelihood import encode_likelihoods
from app.errors import InputError

LOGS = st.floats(-50, 0, width=32)


@given(st.lists(st.lists(LOGS, min_size=3, max_size=3), min_size=1, max_size=5))
def test_the_numbers_are_kept(rows: list[list[float]]) -> None:
    strand = encode_likelihoods(rows, 3)
    assert strand.dtype == np.float32
    assert strand.tolist() == rows


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 0.5])
def test_what_is_no_log_probability_is_refused(bad: float) -> None:
    with pytest.raises(InputError, match="bad_likelihood"):
        encode_likelihoods([[-1.0, bad]], 2)


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(InputError, match="exactly 2"):
        encode_likelihoods([[-1.0, -1.0], [-1.0]], 2)
