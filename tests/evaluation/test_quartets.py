"""Quartets in an evaluation: the tree that is drawn, and relations that a lineage knows."""

import numpy as np
import pytest

from app.dna.reference import SMALLEST_POPULATION
from app.evaluation.figures import Judgement
from app.evaluation.kinship import kinship
from app.evaluation.quartets import accuracies, drawn_tree, frozen
from app.evaluation.standings import Standings
from tests.evaluation.making import made_families, made_protocol

SIZES = [5, 4, 3, 2] * 3


def _nothing(stage: str, done: int, total: int) -> None:
    assert done <= total, stage


@pytest.mark.parametrize("sizes", [SIZES, [3, 3, 2]])
def test_families_are_kept_together(sizes: list[int]) -> None:
    strands, rows = made_families(sizes)
    population, members = frozen(made_protocol(), strands)
    assert population.n_cohort == (sum(sizes) if sum(sizes) >= SMALLEST_POPULATION else 0)
    assert members.max() == population.n_cohort - 1
    tree = drawn_tree(population, strands, members)
    known = np.arange(sum(sizes))
    found = accuracies(tree, known, kinship(rows, rows), seed=0)
    assert found["same_base"].share() == 1
    assert found["direct"].share() == 1
    mixed = accuracies(tree, np.random.default_rng(1).permutation(known), kinship(rows, rows), 0)
    assert 0.1 < mixed["same_base"].share() < 0.6
    pairs = [size * (size - 1) // 2 for size in sizes]
    assert len(found["same_base"]) == (sum(pairs) ** 2 - sum(n * n for n in pairs)) // 2


def test_families_are_resampled_with_the_other_figures() -> None:
    strands, rows = made_families(SIZES)
    population, members = frozen(made_protocol(), strands)
    kin = kinship(rows, rows)
    tips = np.random.default_rng(2).permutation(len(rows))
    quartets = accuracies(drawn_tree(population, strands, members), tips, kin, seed=0)
    judgement = Judgement(Standings(np.zeros((len(rows), len(rows))), {}), kin, quartets)
    figures, intervals = judgement.figures(), judgement.intervals(50, 0, _nothing)
    for kind in ("direct", "same_base"):
        low, high = intervals["quartets", kind]
        assert low < figures["quartets", kind] < high


def test_one_family_has_no_quartets() -> None:
    strands, rows = made_families([5, 1])
    population, members = frozen(made_protocol(), strands)
    tree = drawn_tree(population, strands, members)
    found = accuracies(tree, np.arange(6), kinship(rows, rows), seed=0)
    assert len(found["same_base"]) == 0
    assert np.isnan(found["direct"].share())
