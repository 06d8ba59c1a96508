"""How branches are judged: on planted log-probabilities whose genealogy is known."""

import numpy as np
import pytest

from app.dna.protocol import likelihood_v1
from app.phylo.truth import Truth
from benchmarks.support_truth import (
    HIGH,
    Judged,
    cohort_members,
    joined,
    judged,
    share_true,
    wilson,
)

FAMILIES, CHILDREN = 7, 4


def planted():
    """Founders, and children that moved away from them; the strands and who is whose parent."""
    rng = np.random.default_rng(0)
    shape = likelihood_v1().shape
    common, strands, parents = rng.standard_normal(shape), [], {}
    for family in range(FAMILIES):
        founder = common + 0.5 * rng.standard_normal(shape)
        strands.append(founder)
        parents[f"f{family}"] = []
        for child in range(CHILDREN):
            strands.append(founder + 0.2 * rng.standard_normal(shape))
            parents[f"f{family}-{child}"] = [f"f{family}"]
    return -np.exp(np.array(strands, dtype=np.float32)), parents


def test_families_are_true_and_high():
    strands, parents = planted()
    tree, found = judged(likelihood_v1(), strands, parents)
    assert tree.n_tips == len(strands)
    assert len(found.stated) == len(found.plain) == len(found.truth)
    assert len(found.truth) == tree.n_tips - 3  # every split once
    assert found.are(Truth.CLADE).sum() == FAMILIES
    assert (found.stated[found.are(Truth.CLADE)] >= HIGH).all()
    assert share_true(found.stated >= HIGH, found.sound) == 1


def test_trees_are_judged_together():
    one = Judged(np.array([1.0, 0.2]), np.array([1.0, 0.9]), [Truth.CLADE, Truth.UNITED])
    two = Judged(np.array([0.95]), np.array([0.95]), [Truth.CUT])
    both = joined([one, two])
    assert both.sound.tolist() == [True, False, False]
    assert share_true(both.stated >= HIGH, both.sound) == 0.5
    assert share_true(both.plain >= HIGH, both.sound) == pytest.approx(1 / 3)
    assert share_true(both.stated > 1, both.sound) == 1


def test_wilson_by_hand():
    # Brown, Cai and DasGupta 2001, section 3.1.1, with kappa = 1.96.
    assert wilson(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert wilson(9, 10) == pytest.approx((0.5958, 0.9821), abs=1e-4)


def test_places_in_a_cohort():
    assert cohort_members(5).tolist() == [0, 1, 2, 3, 4]
    many = cohort_members(300)
    assert sorted(many[many >= 0]) == list(range(256))
    assert (many == -1).sum() == 44
