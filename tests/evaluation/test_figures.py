"""Figures: the definitions written out, and families that are drawn several times."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.evaluation.figures import Judgement
from app.evaluation.kinship import Kinship, kinship
from app.evaluation.lineage_file import LineageRow
from app.evaluation.metrics import auc, tpr_at
from app.evaluation.standings import Standings

SIZES = [4, 3, 2, 1]
# Of the series a, b, c and d: a0 is the parent of a1 and a2, a3 has another base.
ROWS = [
    LineageRow(
        model=f"{letter}{number}",
        base=f"{letter}{letter}-{'14' if number == 3 else '7'}b",
        parents=(f"{letter}0",) if number in (1, 2) else (),
        released=f"2024-0{number + 1}",
    )
    for letter, size in zip("abcd", SIZES, strict=True)
    for number in range(size)
]
N = len(ROWS)
KIN = kinship(ROWS, ROWS)

VALUES = arrays(float, (N, N), elements=st.integers(-4, 4).map(float)).map(
    lambda some: some + some.T
)
COUNTS = arrays(float, 4, elements=st.integers(0, 3).map(float))


def _standings(values: np.ndarray) -> Standings:
    return Standings(values, {0.05: (values > 5).astype(np.float32)}, 30)


def _none(stage: str, done: int, total: int) -> None:
    assert done <= total, stage


def _pairs(mask: np.ndarray, counts: np.ndarray) -> list[tuple[int, int]]:
    """All pairs of a sample in which each family stands so many times."""
    family = np.unique(KIN.families, return_inverse=True)[1]
    drawn = [(model, copy) for model in range(N) for copy in range(int(counts[family[model]]))]
    return [
        (a, b)
        for (a, i), (b, j) in combinations(drawn, 2)
        # Two copies of a family have no pairs with each other.
        if mask[a, b] and (family[a] != family[b] or i == j)
    ]


@given(values=VALUES, counts=COUNTS)
def test_a_family_counts_as_often_as_it_was_drawn(values: np.ndarray, counts: np.ndarray) -> None:
    found = Judgement(_standings(values), KIN).figures(counts)

    def of(mask: np.ndarray) -> np.ndarray:
        return np.array([values[pair] for pair in _pairs(mask, counts)])

    negative = of(KIN.unrelated)
    for kind, mask in (("same_base", KIN.same_base), ("direct", KIN.direct)):
        expected = [auc(of(mask), negative)]
        expected += [tpr_at(of(mask), negative, fpr) for fpr in (0.01, 0.001)]
        measured = [found[kind, name] for name in ("auc", "tpr_at_1pct", "tpr_at_0.1pct")]
        assert np.allclose(measured, expected, equal_nan=True)
    alarms = found["p_value_calibration", "0.05"]
    assert np.isnan(alarms) if not len(negative) else np.isclose(alarms, (negative > 5).mean())


@given(values=VALUES)
def test_shares_count_models(values: np.ndarray) -> None:
    found = Judgement(_standings(values), KIN).figures()
    near, first, fifth, undated = [], [], [], []
    for i, row in enumerate(ROWS):
        others = [j for j in range(N) if j != i]
        same = [values[i, j] for j in others if ROWS[j].base == row.base]
        other = [values[i, j] for j in others if ROWS[j].base != row.base]
        if same:
            near.append(max(same) > max(other))
        if row.parents:
            [parent] = (j for j in others if ROWS[j].model == row.parents[0])
            ahead = [j for j in others if j != parent and values[i, j] >= values[i, parent]]
            no_later = [j for j in ahead if ROWS[j].released <= row.released]
            undated.append(not ahead)
            first.append(not no_later)
            fifth.append(len(no_later) < 5)
    assert np.isclose(found["nearest_same_base",], np.mean(near))
    assert np.isclose(found["parent_at_1",], np.mean(first))
    assert np.isclose(found["parent_at_5",], np.mean(fifth))
    assert np.isclose(found["parent_at_1_undated",], np.mean(undated))


@given(values=VALUES, counts=COUNTS)
def test_shares_count_families_as_often_as_they_were_drawn(
    values: np.ndarray, counts: np.ndarray
) -> None:
    judgement = Judgement(_standings(values), KIN)
    once = [judgement.figures(np.eye(4)[family])["parent_at_5",] for family in range(4)]
    children = np.array([2, 2, 1, 0])
    weights = counts * children
    found = judgement.figures(counts)["parent_at_5",]
    if weights.any():
        assert np.isclose(found, np.nansum(np.array(once) * weights) / weights.sum())
    else:
        assert np.isnan(found)


@given(values=VALUES, flagged=arrays(bool, (N, N)))
def test_flagged_pairs_are_misses_and_no_false_alarms(
    values: np.ndarray, flagged: np.ndarray
) -> None:
    flagged |= flagged.T
    before = Judgement(_standings(values), KIN)
    after = Judgement(_standings(values).unmatched(flagged), KIN)
    assert before.n_pairs == after.n_pairs
    one, other = before.figures(), after.figures()
    alarms = [path for path in one if path[0] == "p_value_calibration"]
    assert all(other[path] <= one[path] for path in alarms)
    strangers = flagged & KIN.unrelated
    kept = Judgement(_standings(values).unmatched(strangers), KIN).figures()
    for rate in ("auc", "tpr_at_1pct"):
        assert kept["same_base", rate] >= one["same_base", rate]


def test_without_dates_all_are_candidates_and_without_p_values_there_are_no_alarms() -> None:
    undated = [LineageRow(row.model, row.base, row.parents) for row in ROWS]
    kin = kinship(undated, undated)
    found = Judgement(Standings(np.zeros((N, N)), {}), kin).figures()
    assert found["parent_at_1",] == found["parent_at_1_undated",]
    assert not any(path[0] == "p_value_calibration" for path in found)


@pytest.fixture(scope="module")
def judgement() -> Judgement:
    values = np.random.default_rng(0).standard_normal((N, N))
    return Judgement(_standings(values + values.T + 3 * KIN.same_base), KIN)


def test_intervals_hold_the_figures_and_depend_on_the_seed(judgement: Judgement) -> None:
    figures = judgement.figures()
    intervals = judgement.intervals(200, 7, _none)
    for path, (low, high) in intervals.items():
        assert low <= high
        assert low <= figures[path] <= high
    assert intervals == judgement.intervals(200, 7, _none)
    assert intervals != judgement.intervals(200, 8, _none)
    assert judgement.intervals(0, 7, _none) == {}


def test_one_family_of_many_moves_its_figures_little() -> None:
    """More families, narrower intervals: models of one family are no independent evidence."""

    def width(n_families: int) -> float:
        rng = np.random.default_rng(1)
        rows = [LineageRow(f"{i}", f"{chr(97 + i // 3) * 2}-7b") for i in range(3 * n_families)]
        kin: Kinship = kinship(rows, rows)
        values = rng.standard_normal((len(rows), len(rows)))
        values = values + values.T + 2 * kin.same_base
        judged = Judgement(_standings(values), kin)
        low, high = judged.intervals(200, 0, _none)["same_base", "auc"]
        return high - low

    assert width(24) < width(6)
