import math
from collections import Counter
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.phylo.comparison import normalised_robinson_foulds
from app.phylo.formats.newick import read
from app.phylo.shared_tips import shared_tips
from app.phylo.split_information import clustering_information, phylogenetic_information
from app.phylo.splits import splits
from tests.phylo.strategies import random_tree, seeded


def topology(text):
    """A tree of one-letter tips, all branches 1."""
    return read("".join(c + ":1" if c.isalpha() or c == ")" else c for c in text)[:-3] + ";")


def measured(one, other, measure):
    shared = shared_tips(topology(one), topology(other))
    return measure(shared.a, shared.b)


SYM = "((e,(f,(g,h))),(((a,b),c),d));"
BAL = "(((e,f),(g,h)),((a,b),(c,d)));"
ABCD = "((a,b,c,d),(e,f,g,h));"
AB = "((a,b),(c,d,e,f,g,h));"


@pytest.mark.parametrize(
    ("one", "other", "bits"),
    [
        # TreeDist (Smith), tests/testthat/test-tree_distance.R: SharedPhylogeneticInfo.
        (SYM, SYM, 22.53747),
        (SYM, BAL, 13.75284),
        (SYM, AB, -math.log2(945 / 10395)),
        (SYM, "((a,b,c),(d,e,f,g,h));", -math.log2(315 / 10395)),
        (SYM, ABCD, -math.log2(225 / 10395)),
        (ABCD, ABCD, 5.529821),
        (AB, "((c,d),(a,b,e,f,g,h));", 0.2895066),
        (AB, ABCD, 1.137504),
        (AB, AB, 3.45943),
    ],
)
def test_shared_phylogenetic_information_is_that_of_treedist(one, other, bits):
    assert measured(one, other, phylogenetic_information).shared == pytest.approx(bits, abs=1e-5)


def entropy(*counts):
    n = sum(counts)
    return -sum(count / n * math.log2(count / n) for count in counts if count)


@pytest.mark.parametrize(
    ("one", "other", "bits"),
    [
        # The same file, cpp_mutual_clustering.
        (
            "((a,b,c),(d,e,f,g,h));",
            "((a,b,c),(d,e,f,g,h));",
            2 * entropy(3, 5) - entropy(0, 0, 3, 5),
        ),
        (AB, "((c,d),(a,b,e,f,g,h));", 2 * entropy(2, 6) - entropy(0, 2, 2, 4)),
        (ABCD, "((a,c,e,g),(b,d,f,h));", 0.0),
        (SYM, "(a,b,c,d,e,f,g,h);", 0.0),
    ],
)
def test_mutual_clustering_information_is_that_of_treedist(one, other, bits):
    assert measured(one, other, clustering_information).shared == pytest.approx(bits)


def reference_clustering(a, b):
    """Slow: every pairing of splits, entropies counted tip by tip."""

    def information(one, two):
        sides = [(tip in one, tip in two) for tip in range(a.n_tips)]
        alone = sum(entropy(*Counter(column).values()) for column in zip(*sides, strict=True))
        return alone - entropy(*Counter(sides).values())

    return best_pairing(splits(a), splits(b), information)


def reference_phylogenetic(a, b):
    """Slow: every pairing of splits, and all binary trees counted."""
    every = all_trees(a.n_tips)

    def bits(*some):
        count = sum(all(split in tree for split in some) for tree in every)
        return math.inf if count == 0 else -math.log2(count / len(every))

    def information(one, two):
        both = bits(one, two)
        return 0.0 if math.isinf(both) else max(0.0, bits(one) + bits(two) - both)

    return best_pairing(splits(a), splits(b), information)


def best_pairing(first, second, information):
    few, many = sorted((list(first), list(second)), key=len)
    return max(
        sum(information(one, two) for one, two in zip(few, chosen, strict=True))
        for chosen in permutations(many, len(few))
    )


def all_trees(n):
    """The splits of every unrooted binary tree of n tips, as sides without tip 0."""
    found = {frozenset([frozenset([1]), frozenset([2]), frozenset([1, 2])])}
    for tip in range(3, n):
        found = {grown(tree, edge, tip) for tree in found for edge in tree}
    return list(found)


def grown(tree, edge, tip):
    """Hang a tip from the branch above `edge`; the side of tip 0 is above."""
    above = {side | {tip} if side > edge else side for side in tree}
    return frozenset(above | {edge | {tip}, frozenset([tip])})


def test_all_trees_are_counted():
    assert [len(all_trees(n)) for n in (4, 5, 6)] == [3, 15, 105]


@given(st.integers(0, 10_000), st.integers(4, 6))
@settings(deadline=None, max_examples=40)
def test_a_slow_reference_agrees(seed, n):
    rng = seeded(seed)
    a, b = (random_tree(rng, [f"m{i}" for i in range(n)], False, False) for _ in range(2))
    assert clustering_information(a, b).shared == pytest.approx(reference_clustering(a, b))
    assert phylogenetic_information(a, b).shared == pytest.approx(reference_phylogenetic(a, b))


@given(st.integers(0, 10_000), st.integers(4, 30))
@settings(deadline=None, max_examples=40)
def test_what_holds_for_all_trees(seed, n):
    rng = seeded(seed)
    names = [f"m{i}" for i in range(n)]
    a, b = (random_tree(rng, names, False, False) for _ in range(2))
    for measure in (clustering_information, phylogenetic_information):
        there, back = measure(a, b), measure(b, a)
        assert there.shared == pytest.approx(back.shared)
        assert -1e-9 <= there.shared <= min(there.a, there.b) + 1e-9
        itself = measure(a, a)
        assert itself.shared == pytest.approx(itself.a) == pytest.approx(itself.b)
        if splits(a):
            assert itself.similarity == pytest.approx(1)


def test_one_tip_elsewhere_costs_little():
    """The reason for it all: Robinson-Foulds calls these two trees entirely different."""
    one, other = "a", "(m,a)"
    for letter in "bcdefghijkl":
        one, other = f"({one},{letter})", f"({other},{letter})"
    shared = shared_tips(topology(f"({one},m);"), topology(f"{other};"))
    assert normalised_robinson_foulds(shared.a, shared.b) == 1
    assert clustering_information(shared.a, shared.b).similarity > 0.6


def test_two_stars_have_nothing_to_share():
    star = topology("(a,b,c,d);")
    for measure in (clustering_information, phylogenetic_information):
        found = measure(star, star)
        assert (found.a, found.b, found.shared) == (0, 0, 0)
        with pytest.raises(InputError) as caught:
            assert found.similarity
        assert caught.value.code == "no_splits"
        assert measure(star, topology("((a,b),(c,d));")).similarity == 0


def test_every_split_has_its_own_information():
    """The sum over the splits of a tree, each from the numbers of tips on its sides."""
    tree = random_tree(seeded(3), [f"m{i}" for i in range(12)], True, False)
    found = clustering_information(tree, tree)
    sizes = [len(side) for side in splits(tree)]
    assert found.a == pytest.approx(sum(entropy(size, 12 - size) for size in sizes))
    assert len(sizes) == 9
    assert not any(one == two for one, two in combinations(splits(tree), 2))
    assert np.isfinite(found.shared)
