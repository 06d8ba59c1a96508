"""Log-ranks: the definition written out, answers that many give, cohorts of any size."""

import numpy as np
import pytest

from app.dna.population import Population
from app.dna.protocol import lexical_v1
from app.phylo.angles import products
from app.phylo.distances import Distances
from app.phylo.log_ranks import TIE, LogRank

PROTOCOL = lexical_v1()
P = PROTOCOL.n_probes


def strands(n: int, seed: int = 0) -> np.ndarray:
    """Each model is the half of one that came before."""
    made = np.random.default_rng(seed).standard_normal((n, *PROTOCOL.shape))
    for child in range(1, n):
        made[child] += made[child // 2]
    return (made / np.linalg.norm(made, axis=2, keepdims=True)).astype(np.float16)


def population(cohort: np.ndarray) -> Population:
    centre = cohort.mean(axis=0, dtype=np.float64)
    return Population(PROTOCOL, cohort, centre, [""] * len(cohort))


def terms(cohort: np.ndarray, models: np.ndarray, members: np.ndarray) -> np.ndarray:
    measure = LogRank(population(cohort))
    columns = measure.columns(models, members)
    return measure.terms(columns, columns)


@pytest.mark.parametrize("m", [2, 5, 9])
def test_ranks_among_a_cohort_are_counted(m: int) -> None:
    cohort = strands(m)
    rows = LogRank(population(cohort)).columns(cohort, np.arange(m))[0]
    cosines = products(rows, rows)
    seen = np.zeros((P, m, m))
    for p in range(P):
        for i in range(m):
            others = [k for k in range(m) if k != i]
            for j in others:
                rank = sum(cosines[p, i, k] >= cosines[p, i, j] - 1e-6 for k in others)
                seen[p, i, j] = np.log1p(rank) / np.log1p(m)
    expected = (seen + seen.transpose(0, 2, 1)) / 2
    found = terms(cohort, cohort, np.arange(m))
    off = ~np.eye(m, dtype=bool)
    # Of cosines that all but tie, one may count for the other.
    near = np.isclose(found, expected, atol=1e-3)[:, off]
    assert near.mean() > 0.97
    assert np.abs(found - expected)[:, off].mean() < 0.005


def test_a_model_is_no_rank_of_its_own() -> None:
    cohort = strands(8)
    found = terms(cohort, cohort, np.arange(8))
    with_itself = terms(cohort, cohort, np.full(8, -1))
    off = ~np.eye(8, dtype=bool)
    assert (found[:, off] <= with_itself[:, off] + 1e-6).all()
    assert found[:, off].mean() < with_itself[:, off].mean() - 0.05


def test_an_answer_that_all_give_says_nothing() -> None:
    cohort = strands(20)
    cohort[:12, 0] = cohort[0, 0]
    found = terms(cohort, cohort, np.arange(20))
    assert found[0, 0, 1] == pytest.approx(np.log1p(11) / np.log1p(20), abs=0.05)
    assert found[1, 0, 1] < found[0, 0, 1]


def test_a_copy_of_what_nobody_else_says_is_at_hand() -> None:
    models = strands(30)
    cohort, copies = models[:20], models[[25, 25]]
    found = terms(cohort, copies, np.full(2, -1))
    assert found.max() < 0.01


def test_ranks_reach_from_zero_to_one_and_rise_with_the_cosine() -> None:
    cohort = strands(40)
    measure = LogRank(population(cohort))
    models = strands(60)[30:]
    columns = measure.columns(models, np.full(30, -1))
    found, cosines = measure.terms(columns, columns), products(columns[0], columns[0])
    assert found.min() >= 0
    assert found.max() <= 1
    steps = np.diff(columns[1], axis=2)
    assert (steps >= TIE / 2).all()
    together = np.corrcoef(found.ravel(), cosines.ravel())[0, 1]
    assert together < -0.5


def test_a_rank_says_more_than_an_angle_where_all_of_one_style_answer_alike() -> None:
    rng = np.random.default_rng(3)
    style = rng.standard_normal((2, *PROTOCOL.shape))
    made = rng.standard_normal((40, *PROTOCOL.shape)) + 1.2 * np.repeat(style, 20, axis=0)
    made[20] = made[0] - 1.2 * style[0] + 1.2 * style[1]  # a child of 0 that changed its style
    made /= np.linalg.norm(made, axis=2, keepdims=True)
    cohort = made.astype(np.float16)
    found = Distances(population(cohort))
    assert found.kind == "log_rank"
    rows = found.rows(cohort, np.arange(40))
    matrix = found.between(rows, rows)
    assert matrix[20, 0] < matrix[20, 1:20].min()
