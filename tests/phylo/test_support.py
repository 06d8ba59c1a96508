"""Stated support: what is made of what, on models whose descent is known."""

import numpy as np
import pytest

from app.dna.population import freeze
from app.dna.protocol import likelihood_v1, reported_vectors
from app.errors import InputError
from app.phylo.distances import Distances
from app.phylo.neighbour_joining import neighbour_joining
from app.phylo.resampling import resampled
from app.phylo.rooting import midpoint
from app.phylo.splits import clade_masks, mask_of
from app.phylo.support import support

FAMILIES, SIZE = 8, 5


def planted(seed=0):
    """Log-probabilities of families: a founder each, and models that moved away from it."""
    rng = np.random.default_rng(seed)
    shape = likelihood_v1().shape
    common = rng.standard_normal(shape)
    strands = []
    for _ in range(FAMILIES):
        founder = common + 0.5 * rng.standard_normal(shape)
        strands += [founder + 0.2 * rng.standard_normal(shape) for _ in range(SIZE)]
    return -np.exp(np.array(strands, dtype=np.float32))


@pytest.fixture(scope="module")
def registry():
    strands = planted()
    population = freeze(likelihood_v1(), strands, [""] * len(strands))
    members = np.arange(len(strands))
    seen = population.seen(strands, members)
    distances = Distances(population)
    rows = distances.rows(strands, members)
    names = [f"m{i}" for i in members]
    tree = midpoint(neighbour_joining(distances.between(rows, rows), names))
    return tree, distances, rows, population.compare(seen, seen).p_value


def test_families_are_supported_and_nothing_above_them(registry):
    found = support(*registry, replicates=40)
    assert found.replicates == 40
    everything = (1 << FAMILIES * SIZE) - 1
    stated = {}
    for mask, share in zip(clade_masks(found.tree), found.tree.support, strict=True):
        stated[min(mask, mask ^ everything)] = share
    for family in range(FAMILIES):
        mask = mask_of(range(family * SIZE, family * SIZE + SIZE))
        assert stated.pop(min(mask, mask ^ everything)) > 0.9
    # What is left joins strangers, or resolves the five that are equally near.
    assert max(share for share in stated.values() if not np.isnan(share)) < 0.9


def test_stated_is_the_share_times_the_kinship(registry):
    found = support(*registry, replicates=10)
    columns = found.branches
    assert set(columns) == {"bootstrap", "transfer", "kinship"}
    np.testing.assert_array_equal(found.tree.support, columns["bootstrap"] * columns["kinship"])
    known = ~np.isnan(found.tree.support)
    assert (columns["transfer"][known] >= columns["bootstrap"][known]).all()
    assert known.sum() >= FAMILIES * SIZE - 3


def test_without_a_null_support_is_the_share_alone(registry):
    tree, distances, rows, _ = registry
    found = support(tree, distances, rows, None, replicates=10)
    assert set(found.branches) == {"bootstrap", "transfer"}
    np.testing.assert_array_equal(found.tree.support, found.branches["bootstrap"])


def test_a_seed_gives_the_same_support(registry):
    one, two = (support(*registry, replicates=10, seed=3) for _ in range(2))
    np.testing.assert_array_equal(one.tree.support, two.tree.support)


def test_replicates_draw_as_many_probes_as_there_are():
    weights = resampled(50, 20, np.random.default_rng(0))
    assert weights.shape == (20, 50)
    assert (weights.sum(axis=1) == 50).all()
    assert 0.6 < (weights > 0).mean() < 0.67  # 1 - 1/e of them at least once


@pytest.mark.parametrize(
    ("n_probes", "replicates", "code"), [(9, 0, "no_replicates"), (1, 9, "nothing_to_resample")]
)
def test_what_cannot_be_resampled_is_refused(n_probes, replicates, code):
    with pytest.raises(InputError) as caught:
        resampled(n_probes, replicates, np.random.default_rng(0))
    assert caught.value.code == code


def test_vectors_have_no_support():
    protocol = reported_vectors("made", 12)
    strands = np.random.default_rng(0).standard_normal((6, 1, 12)).astype(np.float32)
    distances = Distances(freeze(protocol, strands, [""] * 6))
    rows = distances.rows(strands)
    tree = neighbour_joining(distances.between(rows, rows), [*"abcdef"])
    with pytest.raises(InputError) as caught:
        support(tree, distances, rows, None)
    assert caught.value.code == "nothing_to_resample"
