"""What a server asks for when it cannot answer now: seconds, a date, or anything else."""

import math
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.retry_after import retry_after_s

PIECES = st.sampled_from(
    ["Mon, ", "01 Jan ", "31 Feb ", "2024 ", "99999 ", "-1 ", "00:00:00 ", "99:99:99 ", "GMT"]
)


@given(st.integers(0, 10**9))
def test_seconds_are_seconds(seconds: int) -> None:
    assert retry_after_s(str(seconds)) == seconds


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-8))])
def test_a_date_is_as_far_as_it_is(zone: timezone) -> None:
    then = datetime.now(zone) + timedelta(days=1)
    hour = timedelta(hours=1).total_seconds()
    assert 23 * hour < retry_after_s(format_datetime(then)) <= 24 * hour


@pytest.mark.parametrize(
    "header", ["", "soon", "-3", "inf", "nan", "9" * 999, "Wed, 21 Oct 2015 07:28:00 GMT"]
)
def test_what_says_nothing_is_no_pause(header: str) -> None:
    assert retry_after_s(header) == 0


@example("Mon, 01 Jan 99999 00:00:00 GMT")
@example("Mon, 01 Jan 2024 00:00:00 +99999999999999")
@given(st.text() | st.lists(PIECES | st.text(max_size=3), max_size=8).map("".join))
def test_any_header_is_a_pause_that_ends(header: str) -> None:
    assert 0 <= retry_after_s(header) < math.inf
