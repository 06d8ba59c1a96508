"""Traits: found where they follow the tree, seldom where they do not."""

import numpy as np
import pytest

from app.errors import InputError
from app.phylo.formats.newick import read
from app.phylo.paths import tip_distances
from app.phylo.traits import discrete_test, ordered_test
from tests.phylo.clocks import clock_tree
from tests.phylo.strategies import random_tree, seeded

TREE = read("(((a:1,b:1):1,(c:1,d:1):1):1,((e:1,f:1):1,(g:1,h:1):1):1);")


def test_a_trait_that_arose_once():
    found = discrete_test(TREE, ["x"] * 4 + ["y"] * 4, seed=0, permutations=999)
    assert (found.n, found.states, found.changes, found.retention) == (8, 2, 1, 1.0)
    assert found.expected > 2
    # 2 of the 70 ways to place four values change once.
    assert found.p_value == pytest.approx(2 / 70, abs=0.02)


def test_a_trait_that_the_tree_does_not_know():
    found = discrete_test(TREE, ["x", "y"] * 4, seed=0)
    assert (found.changes, found.retention) == (4, 0.0)
    assert found.p_value == 1


def test_tips_without_a_value_take_no_part():
    found = discrete_test(TREE, ["x", "x", "", "", "y", "y", "", "z"], seed=0)
    assert (found.n, found.states, found.changes) == (5, 3, 2)
    values = np.array([1, 2, np.nan, np.nan, 8, 9, np.nan, 7])
    assert ordered_test(TREE, values, seed=0).n == 5


def test_numbers_that_follow_the_tree():
    tree, _, _ = clock_tree(np.random.default_rng(1), 40, 0.2)
    near = tip_distances(tree)[0]
    found = ordered_test(tree, near, seed=0, permutations=199)
    assert found.statistic > 0.3 > found.expected
    assert found.p_value == 1 / 200
    assert ordered_test(tree, near, seed=0, permutations=199) == found


def test_false_alarms_are_as_rare_as_they_say():
    rng = np.random.default_rng(0)
    ps = []
    for seed in range(60):
        tree = random_tree(seeded(seed), [f"m{i}" for i in range(20)], False, False)
        words = rng.choice(["x", "y", "z"], 20).tolist()
        ps += [discrete_test(tree, words, seed, 39).p_value]
        ps += [ordered_test(tree, rng.normal(size=20), seed, 39).p_value]
    # Of 120 p-values as they should be, 15 or more at most 0.05 come once in a thousand times.
    assert sum(p <= 0.05 for p in ps) < 15
    assert min(ps) >= 1 / 40


@pytest.mark.parametrize(
    "values",
    [["x"] * 8, list("abcdefgh"), [""] * 8, ["x", "x", "y", "", "", "", "", ""], ["x", "y"]],
)
def test_traits_that_say_nothing(values):
    with pytest.raises(InputError, match="bad_trait"):
        discrete_test(TREE, values, seed=0)


@pytest.mark.parametrize("values", [[1.0] * 8, [1, 2, 3, *[np.nan] * 5], [np.nan] * 8, [1, 2]])
def test_numbers_that_say_nothing(values):
    with pytest.raises(InputError, match="bad_trait"):
        ordered_test(TREE, np.array(values, dtype=float), seed=0)
