"""Standings: what a pair gets rests on no model of either one's fold."""

import numpy as np
import pytest

from app.dna.population import absent, freeze
from app.evaluation.folds import split
from app.evaluation.standings import LEVELS, by_reference, cross_validated, without_reference
from tests.evaluation.making import made_families, made_protocol

PROTOCOL = made_protocol()
STRANDS, ROWS = made_families([3] * 20)
FAMILIES = [row.model[0] for row in ROWS]
FOLDS = split(FAMILIES, 4, seed=0)
EVERYONE = np.arange(len(ROWS))


def _quiet(stage: str, done: int, total: int) -> None:
    assert done <= total, stage


def _standings(strands: np.ndarray, judged: np.ndarray = EVERYONE) -> np.ndarray:
    return cross_validated(PROTOCOL, (strands, FAMILIES), FOLDS, judged, _quiet).values


def test_relatives_stand_above_strangers() -> None:
    found = cross_validated(PROTOCOL, (STRANDS, FAMILIES), FOLDS, EVERYONE, _quiet)
    labels = np.array(FAMILIES)
    kin = labels[:, None] == labels
    np.fill_diagonal(found.values, np.nan)
    assert np.nanmin(found.values[kin]) > np.nanmax(found.values[~kin])
    assert set(found.alarms) == set(LEVELS)
    assert found.n_folds == 4
    assert found.n_reference == 30
    for level, alarms in found.alarms.items():
        assert alarms.min() >= 0
        assert alarms.max() <= 1
        assert alarms[~kin].mean() < 4 * level


@pytest.mark.parametrize("fold", range(4))
def test_models_of_a_pairs_own_folds_do_not_count(fold: int) -> None:
    changed = STRANDS.copy()
    odd = np.flatnonzero(fold == FOLDS)[0]
    changed[odd] = changed[odd][::-1]
    before, after = _standings(STRANDS), _standings(changed)
    others = np.flatnonzero(fold == FOLDS)[1:]
    # Within the fold of the changed model, and between it and any other fold.
    assert np.allclose(before[np.ix_(others, others)], after[np.ix_(others, others)])
    rest = np.flatnonzero(fold != FOLDS)
    assert np.allclose(before[np.ix_(others, rest)], after[np.ix_(others, rest)])
    assert not np.allclose(before[np.ix_(rest, rest)], after[np.ix_(rest, rest)])


def test_who_else_is_judged_makes_no_difference() -> None:
    some = EVERYONE[::3]
    assert np.allclose(
        _standings(STRANDS, some), _standings(STRANDS)[np.ix_(some, some)], atol=1e-4
    )


def test_a_pair_of_two_folds_stands_as_the_rest_sees_it() -> None:
    left_out = (0, 3)
    rest = np.flatnonzero(~np.isin(FOLDS, left_out))
    population = freeze(PROTOCOL, STRANDS[rest], [FAMILIES[i] for i in rest])
    one, other = (np.flatnonzero(fold == FOLDS) for fold in left_out)
    compared = population.compare(population.seen(STRANDS[one]), population.seen(STRANDS[other]))
    assert np.allclose(compared.standing, _standings(STRANDS)[np.ix_(one, other)], atol=1e-4)


def test_another_reference_is_asked_as_it_is() -> None:
    others, rows = made_families([2] * 20, seed=1)
    families = [row.model[0] for row in rows]
    found = by_reference(PROTOCOL, (others, families), STRANDS)
    population = freeze(PROTOCOL, others, families)
    compared = population.compare(population.seen(STRANDS), population.seen(STRANDS))
    assert np.allclose(found.values, compared.standing)
    for level in LEVELS:
        assert np.array_equal(found.alarms[level] > 0, compared.p_value <= level)
    assert (found.n_reference, found.n_folds) == (40, None)


def test_without_a_reference_there_are_plain_scores() -> None:
    found = without_reference(PROTOCOL, STRANDS)
    population = absent(PROTOCOL)
    seen = population.seen(STRANDS)
    assert np.allclose(found.values, population.compare(seen, seen).score)
    assert (found.alarms, found.n_reference, found.n_folds) == ({}, 0, None)
