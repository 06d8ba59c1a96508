"""Rankings of made-up populations in which it is known which probes tell families apart."""

from dataclasses import replace

import numpy as np
import pytest

from app.dna.probes import ProbeSet
from app.dna.protocol import Protocol, likelihood_v1, reported_answers
from app.evaluation.folds import split
from app.evaluation.probe_pairs import Sample, pairs_to_rank
from app.evaluation.probe_ranking import Ranking, rank

N_PROBES, N_FAMILIES, SIZE, WIDTH = 20, 20, 4, 24
TELLING = (3, 8, 15)
PROTOCOL: Protocol = replace(
    reported_answers(ProbeSet("ranked", tuple(f"probe {n}" for n in range(N_PROBES)))), width=WIDTH
)
FAMILIES = np.repeat(np.arange(N_FAMILIES), SIZE)
SAME = np.equal.outer(FAMILIES, FAMILIES)


def _quiet(stage: str, done: int, total: int) -> None:
    assert 0 <= done <= total


def _sample(seed: int = 0, *, has_reference: bool = True) -> Sample:
    """Families that show in the TELLING probes only."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=(N_FAMILIES, N_PROBES, WIDTH))
    shared[:, [probe for probe in range(N_PROBES) if probe not in TELLING]] = 0
    strands = shared[FAMILIES] + rng.normal(size=(len(FAMILIES), N_PROBES, WIDTH))
    strands /= np.linalg.norm(strands, axis=2, keepdims=True)
    names = [f"family {label}" for label in FAMILIES]
    return Sample(
        protocol=PROTOCOL,
        strands=strands.astype(np.float16),
        families=names,
        folds=split(names, 4, seed),
        judged=np.arange(len(FAMILIES)),
        related=SAME & ~np.eye(len(FAMILIES), dtype=bool),
        unrelated=~SAME,
        has_reference=has_reference,
    )


def _rank(sample: Sample) -> Ranking:
    return rank(sample, 20, 0, _quiet)


@pytest.mark.parametrize("has_reference", [True, False])
def test_telling_probes_come_first_and_are_enough(has_reference: bool) -> None:
    found = _rank(_sample(has_reference=has_reference))
    assert set(found.order[:3].tolist()) == set(TELLING)
    assert (found.aucs[:3] > 0.8).all()
    assert (found.aucs[3:] < 0.6).all()
    assert (found.separations[:3] > 1).all()
    assert [point.n_probes for point in found.curve] == [1, 2, 3, 5, 7, 10, 20]
    assert found.enough <= 3
    assert found.held_out > 0.95
    assert found.interval is not None
    assert found.interval[0] <= found.held_out <= found.interval[1]
    assert (found.n_related, found.n_unrelated) == (20 * 6, 80 * 79 // 2 - 20 * 6)


def test_a_ranking_is_repeated_exactly() -> None:
    one, other = _rank(_sample()), _rank(_sample())
    assert np.array_equal(one.order, other.order)
    assert (one.curve, one.held_out, one.interval) == (other.curve, other.held_out, other.interval)


def test_the_order_of_the_probes_does_not_matter() -> None:
    sample = _sample()
    moved = np.random.default_rng(1).permutation(N_PROBES)
    found = _rank(replace(sample, strands=sample.strands[:, moved]))
    assert moved[found.order].tolist() == _rank(sample).order.tolist()
    assert found.curve == _rank(sample).curve


def test_passages_are_ranked(rng: np.random.Generator) -> None:
    protocol = replace(likelihood_v1(), probe_set=PROTOCOL.probe_set)
    shared = rng.normal(size=(N_FAMILIES, N_PROBES, 10))
    shared[:, [probe for probe in range(N_PROBES) if probe not in TELLING]] = 0
    unlike = shared[FAMILIES] + rng.normal(size=(len(FAMILIES), N_PROBES, 10))
    strands = -np.exp(1.5 + rng.normal(size=(N_PROBES, 10)) / 2 + unlike / 4)
    found = _rank(replace(_sample(), protocol=protocol, strands=strands))
    assert set(found.order[:3].tolist()) == set(TELLING)
    assert found.curve[2].auc > 0.85


def test_a_population_without_power_keeps_no_share(rng: np.random.Generator) -> None:
    noise = rng.normal(size=(len(FAMILIES), N_PROBES, WIDTH)).astype(np.float16)
    found = _rank(replace(_sample(), strands=noise))
    assert found.curve[-1].power < 0.15
    assert 1 <= found.enough <= N_PROBES


def test_families_take_no_part_in_what_is_measured_on_them(rng: np.random.Generator) -> None:
    """The best of many probes that say nothing looks good only to those who chose it."""
    noise = rng.normal(size=(len(FAMILIES), 300, 4)).astype(np.float16)
    found = _rank(replace(_sample(), strands=noise))
    assert found.aucs[0] > 0.56
    assert found.curve[0].auc < 0.53


def test_three_folds_must_hold_relatives() -> None:
    sample = _sample()
    assert sample.can_be_split()
    first = np.isin(sample.folds, (0, 1))
    assert not replace(sample, related=sample.related & first & first[:, None]).can_be_split()
    nobody = np.zeros_like(sample.unrelated)
    assert not replace(sample, unrelated=nobody).can_be_split()
    assert not replace(sample, folds=np.zeros_like(sample.folds)).can_be_split()


def test_pairs_are_drawn_where_there_are_too_many(rng: np.random.Generator) -> None:
    sample = _sample()
    many = replace(sample, strands=np.zeros((len(FAMILIES), 100_000, 1), dtype=np.float16))
    pairs = pairs_to_rank(many, rng)
    assert (pairs.related.sum(), (~pairs.related).sum()) == (100, 100)
    first, second = pairs.models
    assert (SAME[first, second] == pairs.related).all()
    assert len({*zip(first.tolist(), second.tolist(), strict=True)}) == 200


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)
