"""Nulls: p-values are what they say, and go on falling where no pair was seen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.dna.nulls import KEPT, TAIL, Null, of_standings, shipped
from app.dna.protocol import builtins
from tests.planted import F64

STANDINGS = st.integers(-2000, 2000).map(lambda n: n / 64)
DRAWN = arrays(np.float64, st.integers(1, 200), elements=STANDINGS)
ASKED = arrays(np.float64, 20, elements=st.floats(-1e4, 1e4))


@given(drawn=DRAWN, asked=ASKED)
def test_p_values_fall_and_are_never_zero(drawn: F64, asked: F64) -> None:
    null = of_standings(drawn)
    p = null.p_values(np.sort(asked))
    assert (p > 0).all()
    assert (p <= 1).all()
    assert (np.diff(p) <= 0).all()
    assert null.p_values(asked.reshape(4, 5)).shape == (4, 5)
    assert null.p_values(np.array([drawn.min()])) == 1, "all stand as high as the lowest"


@given(drawn=DRAWN)
def test_the_share_that_stands_as_high_is_the_p_value(drawn: F64) -> None:
    p = of_standings(drawn).p_values(drawn)
    share = (drawn[None] >= drawn[:, None]).mean(axis=1)
    near = 1 / len(drawn) + 2 / KEPT  # between two of the null it is between theirs
    body = share > TAIL + near
    assert (abs(p - share)[body] <= near).all()
    assert (p[~body] <= TAIL + 2 * near).all()


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng, n: rng.normal(size=n),
        lambda rng, n: rng.exponential(size=n),
        lambda rng, n: rng.gumbel(size=n),
        lambda rng, n: rng.uniform(-1, 1, size=n),
    ],
    ids=["normal", "exponential", "gumbel", "uniform"],
)
def test_of_unrelated_pairs_as_many_as_it_says_have_a_p_value(draw) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(3)
    p = of_standings(draw(rng, 20_000)).p_values(draw(rng, 20_000))
    for level in (0.5, 0.1, 0.05):
        assert (p <= level).mean() == pytest.approx(level, rel=0.1)
    assert 0.006 < (p <= 0.01).mean() < 0.015
    assert (p <= 0.001).mean() < 0.002


def test_the_tail_begins_where_the_body_ends() -> None:
    null = of_standings(np.random.default_rng(4).normal(size=10_000))
    start = np.quantile(null.quantiles, 1 - TAIL)
    below, above = null.p_values(np.array([start - 1e-9, start + 1e-9]))
    assert below == pytest.approx(TAIL, abs=1e-6)
    assert above == pytest.approx(TAIL, abs=1e-6)


def test_the_tail_is_exponential_and_rather_too_long() -> None:
    """The mean excess is that of quantiles, of which the highest counts for too much."""
    null = of_standings(np.random.default_rng(4).exponential(size=100_000))
    asked = np.linspace(5, 20, 8)
    p = null.p_values(asked)
    steps = np.diff(np.log(p))
    assert np.allclose(steps, steps[0])
    assert (p >= np.exp(-asked)).all()
    assert (p <= np.exp(-asked / 2)).all()


@given(
    one=STANDINGS,
    asked=arrays(np.float64, 5, elements=st.floats(-1e9, 1e9)),
    n=st.integers(1, 40),
)
def test_a_null_without_width_says_yes_or_no(one: float, asked: F64, n: int) -> None:
    p = of_standings(np.full(n, one)).p_values(np.append(asked, one))
    assert p[-1] == 1, "all of them stand as high"
    assert (p[:-1][asked <= one] == 1).all()
    assert (p[:-1][asked > one] < 1e-9).all()


def test_equal_standings_all_count() -> None:
    null = of_standings(np.repeat([0.0, 1.0, 2.0], [50, 30, 20]))
    p = null.p_values(np.array([0.0, 1.0, 2.0]))
    assert p == pytest.approx([1, 0.5, 0.2], abs=0.01 + 1 / KEPT)


def test_a_null_that_ships_is_one() -> None:
    assert shipped("nothing of ours") is None
    found = {one.name: shipped(one.name) for one in builtins()}
    assert [name for name, null in found.items() if null] == ["likelihood-v1"]
    null = found["likelihood-v1"]
    assert isinstance(null, Null)
    assert null.quantiles.shape == (KEPT,)
    assert (np.diff(null.quantiles) >= 0).all()
    # Look-alikes are a tenth of it: a pair must stand far out to be told from them.
    assert null.p_values(np.array([0.0]))[0] > 0.9
    assert null.p_values(np.array([10.0]))[0] > 0.02
    assert null.p_values(np.array([40.0]))[0] < 0.001
