import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli import figures

SCORES = st.floats(-1, 1)


def eighths(bar: str) -> int:
    """Ink in a bar: the blocks stand in Unicode from the full one to one eighth."""
    return sum(8 - (ord(block) - ord("█")) for block in bar)


@given(SCORES, SCORES)
def test_bars_grow_with_the_score(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert eighths(figures.bar(low)) <= eighths(figures.bar(high)) <= 64


def test_bars_end_at_zero_and_one() -> None:
    assert figures.bar(0.0) == figures.bar(-1.0) == ""
    assert figures.bar(1.0) == figures.bar(1.5) == "█" * 8
    assert figures.bar(0.5) == "█" * 4


def test_what_is_not_known_is_a_dash() -> None:
    assert figures.p_value(None) == figures.standing(None) == "\N{EN DASH}"
    assert figures.p_value(0.012345) == "0.012"
    assert figures.p_value(2.3e-308) == "2.3e-308"


@given(st.floats(-1e4, 1e4))
def test_a_standing_says_on_which_side_it_is(value: float) -> None:
    text = figures.standing(value)
    assert text[0] in "+-"
    assert float(text) == pytest.approx(value, abs=0.051)


@pytest.mark.parametrize(
    ("n_bytes", "text"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 KB"), (83e9, "83 GB")]
)
def test_sizes_have_the_unit_that_suits_them(n_bytes: float, text: str) -> None:
    assert figures.size(n_bytes) == text


def test_noise_is_one_sentence() -> None:
    of = {"replicates": 4, "mean_score": 0.99812, "lowest_score": 0.995}
    assert figures.noise("wolf", of) == (
        "asked 5 times, wolf scores 0.998 (lowest 0.995) with itself"
    )


@pytest.mark.parametrize(("within", "sign"), [(True, "≈"), (False, ""), (None, "")])
def test_a_sign_stands_where_a_rerun_scores_as_low(within: bool | None, sign: str) -> None:
    assert figures.as_rerun({"within_noise": within}) == sign
