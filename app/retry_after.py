"""A leaf: how long a server that cannot answer now asks to be left alone."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after_s(header: str) -> float:
    """Return the seconds of a Retry-After header, a number or a date; 0 when it says nothing."""
    try:
        seconds = float(header)
    except ValueError:
        seconds = _until(header)
    return max(0.0, seconds) if math.isfinite(seconds) else 0.0


def _until(date: str) -> float:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, OverflowError):  # years and offsets beyond those of a datetime
        return 0.0
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - datetime.now(UTC)).total_seconds()
