from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.phylo.annotated import Annotated
from app.phylo.formats.newick import read
from app.phylo.pictures.scales import round_length, scale_of, year_ticks

TREE = read("((a:1,b:3):1,c:2);")


def test_lengths():
    scale = scale_of(Annotated(TREE), by_date=True)
    assert scale.kind == "lengths"
    assert scale.at.tolist() == [0.5, 1.0, 0.5, 0.25, 0.0]


def test_years():
    dates = np.array([2022.0, 2024.0, 2023.0, 2021.0, 2020.0])
    scale = scale_of(Annotated(TREE, dates=dates), by_date=True)
    assert scale.kind == "years"
    assert scale.at.tolist() == [0.5, 1.0, 0.75, 0.25, 0.0]
    assert [name for _, name in year_ticks(scale, 200)] == ["2020", "2021", "2022", "2023", "2024"]
    assert scale_of(Annotated(TREE, dates=dates), by_date=False).kind == "lengths"
    dates[3] = np.nan
    assert scale_of(Annotated(TREE, dates=dates), by_date=True).kind == "lengths"


def test_order_where_there_are_no_lengths():
    scale = scale_of(Annotated(read("((a:0,b:0):0,c:0);")), by_date=True)
    assert scale.kind == "levels"
    assert scale.at.tolist() == [1.0, 1.0, 1.0, 0.5, 0.0]


@given(st.floats(1900, 2030), st.floats(0.05, 3000), st.floats(100, 2000))
def test_dates_are_apart_and_within(start, span, pixels):
    dates = np.array([start + span, start, start])
    scale = scale_of(Annotated(read("(a:1,b:1);"), dates=dates), by_date=True)
    ticks = year_ticks(scale, pixels)
    places = [at for at, _ in ticks]
    assert all(-1e-3 <= at <= 1 + 1e-3 for at in places)
    assert all(b - a >= 40 / pixels - 1e-3 for a, b in pairwise(places))
    assert len({name for _, name in ticks}) == len(ticks)


def test_months_have_names():
    dates = np.array([2024.5, 2023.95, 2023.95])
    scale = scale_of(Annotated(read("(a:1,b:1);"), dates=dates), by_date=True)
    assert [name for _, name in year_ticks(scale, 400)] == ["Jan 2024", "Apr 2024", "Jul 2024"]


@given(st.floats(1e-9, 1e9))
def test_round_lengths(aim):
    length = round_length(aim)
    assert aim / 2.5 - 1e-12 <= length <= aim * (1 + 1e-8)
    assert f"{length:.0e}"[0] in "125"


def test_month_steps_do_not_drift():
    dates = np.array([2025.0, 2024.0, 2024.0])
    scale = scale_of(Annotated(read("(a:1,b:1);"), dates=dates), by_date=True)
    names = [name for _, name in year_ticks(scale, 1200)]
    assert names[0] == "Jan 2024"
    assert names[-1] == "Jan 2025"
    assert len(names) == pytest.approx(13)
