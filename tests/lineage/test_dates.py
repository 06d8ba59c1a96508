"""Dates: an order only where no reading of the claims allows another."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lineage.dates import TRUST, Dated, by_trust, decimal_year, is_before, orders

DATES = st.dates(date(1990, 1, 1), date(2100, 1, 1)).flatmap(
    lambda day: st.sampled_from([day.isoformat(), day.isoformat()[:7]])
)
CLAIMS = st.lists(st.builds(Dated, DATES, st.sampled_from([*TRUST, "elsewhere"])), max_size=4)


def days(text: str) -> tuple[date, date]:
    """The first and the last day that a date may mean."""
    if len(text) == 10:
        return date.fromisoformat(text), date.fromisoformat(text)
    first = date.fromisoformat(f"{text}-01")
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


@given(DATES, DATES)
def test_before_means_that_every_day_lies_before_every_other(a: str, b: str) -> None:
    assert is_before(a, b) == (days(a)[1] < days(b)[0])


def test_a_month_and_a_day_of_it_are_in_no_order() -> None:
    for other in ("2024-05", "2024-05-01", "2024-05-31"):
        assert not is_before("2024-05", other)
        assert not is_before(other, "2024-05")
    assert is_before("2024-05", "2024-06-01")
    assert is_before("2024-04-30", "2024-05")


@given(CLAIMS, CLAIMS)
def test_orders_turn_round_with_the_models(a: list[Dated], b: list[Dated]) -> None:
    there, back = orders(a, b), orders(b, a)
    assert len(there) == len(back) <= 2
    assert len({order.swapped for order in there}) == len(there)
    for order in there:
        assert is_before(order.earlier.value, order.later.value)
        first, second = (a, b) if not order.swapped else (b, a)
        assert order.earlier in first
        assert order.later in second
    assert [order.swapped for order in there] == [not order.swapped for order in back]


@given(CLAIMS)
def test_no_model_comes_before_itself_by_its_most_trusted_date(claims: list[Dated]) -> None:
    assert orders(claims, claims) == ()
    assert orders(claims, []) == ()


def test_the_hub_is_trusted_over_a_submitter_and_disagreement_is_told() -> None:
    submitted, uploaded = Dated("2023-01", "submitter"), Dated("2024-05-02", "hub")
    other = Dated("2024-01", "hub")
    assert by_trust([submitted, uploaded]) == (uploaded, submitted)
    first, second = orders([submitted, uploaded], [other])
    assert (first.earlier, first.later, first.swapped) == (other, uploaded, True)
    assert (second.earlier, second.later, second.swapped) == (submitted, other, False)


def test_claims_that_agree_on_the_order_need_not_agree_on_the_date() -> None:
    [order] = orders(
        [Dated("2023-01", "hub"), Dated("2023-04", "submitter")], [Dated("2024-01", "x")]
    )
    assert order.earlier == Dated("2023-01", "hub")


def test_less_trusted_dates_do_not_decide_what_the_trusted_ones_leave_open() -> None:
    same = Dated("2024-05", "hub")
    assert orders([same, Dated("2023-01", "submitter")], [same]) == ()


@pytest.mark.parametrize(
    ("value", "year"),
    [
        ("2024-01-01", 2024 + 0.5 / 366),
        ("2023-12-31", 2024 - 0.5 / 365),
        ("2023-07-02", 2023.5),
        ("2024-01", 2024 + 15.5 / 366),
        ("2023-02", 2023 + 45 / 365),
    ],
)
def test_dates_as_years_are_their_middles(value: str, year: float) -> None:
    assert decimal_year(value) == pytest.approx(year)
