"""Release dates: which of two models came first, as far as the claims of dates tell.

A date is YYYY-MM or YYYY-MM-DD, and always a claim: several sources may say different things.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

# Whose date is taken when several are claimed, the most trusted first: the hub saw the upload,
# an import is the operator's, a submitter may be anyone.
TRUST = ("hub", "model card", "import", "submitter")


@dataclass(frozen=True)
class Dated:
    """A claimed release date, and who claims it."""

    value: str
    source: str


@dataclass(frozen=True)
class Order:
    """Two dates of which `earlier` lies before `later` for sure; `swapped`: the first is later."""

    earlier: Dated
    later: Dated
    swapped: bool


def by_trust(dates: Iterable[Dated]) -> tuple[Dated, ...]:
    """The dates in the order of TRUST, unknown sources last; of one source the earliest first."""
    return tuple(sorted(dates, key=_distrust))


def is_before(a: str, b: str) -> bool:
    """Whether a lies before b for sure: no day of a month lies before that month or after it."""
    shared = min(len(a), len(b))
    return a[:shared] < b[:shared]


def orders(first: Iterable[Dated], second: Iterable[Dated]) -> tuple[Order, ...]:
    """What the dates of two models say of which came first: at most one order of each kind.

    The most trusted date of either decides; dates within one month of it decide nothing. Where
    any other two dates say the opposite, that comes second: the claims disagree.
    """
    found = list(_each(by_trust(first), by_trust(second)))
    if not found or found[0] is None:
        return ()
    chosen = found[0]
    against = [other for other in found if other and other.swapped != chosen.swapped]
    return (chosen, *against[:1])


def decimal_year(value: str) -> float:
    """A day or a month as a year with decimals: its middle, 2024-07-02 as 2024.5."""
    year, month, *days = map(int, value.split("-"))
    first = date(year, month, days[0] if days else 1)
    ordinal = first.toordinal() + (0.5 if days else monthrange(year, month)[1] / 2)
    begin, end = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1
    return year + (ordinal - begin) / (end - begin)


def _each(first: Sequence[Dated], second: Sequence[Dated]) -> Iterator[Order | None]:
    for a, b in product(first, second):
        if is_before(a.value, b.value):
            yield Order(a, b, swapped=False)
        elif is_before(b.value, a.value):
            yield Order(b, a, swapped=True)
        else:
            yield None


def _distrust(dated: Dated) -> tuple[int, str, str]:
    rank = TRUST.index(dated.source) if dated.source in TRUST else len(TRUST)
    return rank, dated.value, dated.source
