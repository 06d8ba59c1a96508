import dendropy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr

from app.errors import InputError
from app.phylo.cophenetic import cophenetic_correlation, cophenetic_fit
from app.phylo.formats.newick import read, write
from app.phylo.paths import tip_distances
from tests.phylo.strategies import random_tree, seeded

NAMES = [f"m{i}" for i in range(9)]


@pytest.mark.parametrize("seed", range(5))
def test_dendropy_and_scipy_agree(seed):
    rng = seeded(seed)
    a, b = (random_tree(rng, NAMES, True, False) for _ in range(2))
    space = dendropy.TaxonNamespace()
    matrices = [
        dendropy.Tree.get(
            data=write(tree), schema="newick", taxon_namespace=space
        ).phylogenetic_distance_matrix()
        for tree in (a, b)
    ]
    pairs = list(matrices[0].distinct_taxon_pair_iter())
    columns = [[matrix.distance(*pair) for pair in pairs] for matrix in matrices]
    assert cophenetic_correlation(a, b) == pytest.approx(pearsonr(*columns).statistic)


@given(st.integers(0, 1000))
@settings(deadline=None, max_examples=30)
def test_a_tree_is_like_itself_and_fits_its_own_distances(seed):
    tree = random_tree(seeded(seed), NAMES, True, False)
    assert cophenetic_correlation(tree, tree) == pytest.approx(1)
    assert cophenetic_fit(tree, 3 * tip_distances(tree)) == pytest.approx(1)
    noisy = tip_distances(tree) + np.abs(np.subtract.outer(range(9), range(9)))
    assert -1 <= cophenetic_fit(tree, noisy) < 1


@pytest.mark.parametrize(
    ("code", "act"),
    [
        ("no_variation", lambda star: cophenetic_correlation(star, star)),
        ("no_variation", lambda star: cophenetic_fit(star, np.zeros((4, 4)))),
        ("different_tips", lambda star: cophenetic_fit(star, np.zeros((3, 3)))),
        ("different_tips", lambda star: cophenetic_correlation(star, read("(a:1,b:2);"))),
    ],
)
def test_what_cannot_be_compared_is_refused(code, act):
    with pytest.raises(InputError) as caught:
        act(read("(a:1,b:1,c:1,d:1);"))
    assert caught.value.code == code
