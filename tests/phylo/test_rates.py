"""Rates of families: right, with honest intervals, and no number where there is none."""

import numpy as np
import pytest

from app.errors import InputError
from app.phylo.formats.newick import read
from app.phylo.rates import family_rates
from app.phylo.rooted import root
from app.phylo.rooting import root_above
from app.phylo.tree import Tree, assemble
from tests.phylo.clocks import clock_tree


def joined(parts, above=0.3):
    """Trees hung from one root, tips in the order of the parts."""
    names, parents, lengths, dates, families = [], [], [], [], []
    offset = sum(part.n_tips for part, _ in parts)
    top = offset + sum(part.n_nodes - part.n_tips for part, _ in parts)
    inner, at = ([], []), 0
    for number, (part, when) in enumerate(parts):
        shift = {tip: at + tip for tip in part.tips}
        shift |= {node: offset + node - part.n_tips for node in range(part.n_tips, part.n_nodes)}
        at, offset = at + part.n_tips, offset + part.n_nodes - part.n_tips
        up = [shift.get(parent, top) for parent in part.parents.tolist()]
        stem = [*part.lengths[:-1].tolist(), above]
        parents += up[: part.n_tips]
        lengths += stem[: part.n_tips]
        inner[0].extend(up[part.n_tips :])
        inner[1].extend(stem[part.n_tips :])
        names += [f"{number}-{label}" for label in part.labels]
        dates.append(when)
        families += [f"family {number}"] * part.n_tips
    parents, lengths = [*parents, *inner[0], -1], [*lengths, *inner[1], 0.0]
    names += [None] * (len(parents) - len(names))
    return assemble(names, parents, lengths), np.concatenate(dates), families


def world(seed, rates, sizes, noise=0.05):
    rng = np.random.default_rng(seed)
    parts = [clock_tree(rng, n, rate, noise)[:2] for n, rate in zip(sizes, rates, strict=True)]
    return joined(parts)


def ladder(rate, n=10, own=0.05):
    """Each tip hangs by the same length from a line that grows with time."""
    dates = 2022 + np.arange(n) / 4
    parents = [n, n, *range(n + 1, 2 * n - 1), *range(n + 1, 2 * n - 1), -1]
    steps = [rate / 4] * (n - 2)
    # From the youngest up: two tips, and one more at every step towards the oldest.
    names = [f"m{tip}" for tip in reversed(range(n))]
    lengths = [own + rate / 4, own, *[own] * (n - 2), *steps, 0.0]
    return assemble([*names, *[None] * (n - 1)], parents, lengths), dates[::-1].copy()


def test_a_line_of_descent_is_read_exactly():
    tree, dates, families = joined([ladder(0.1), ladder(0.3)])
    found = family_rates(tree, dates, families)
    assert [one.family for one in found] == ["family 0", "family 1"]
    assert [one.rate for one in found] == pytest.approx([0.1, 0.3])
    for one, first in zip(found, ("0-m0", "1-m0"), strict=True):
        assert tree.labels[one.origin] == first
        assert (one.n, one.first, one.last, one.why) == (10, 2022.0, 2024.25, "")
        assert one.low <= one.rate <= one.high
        assert one.p_value < 1e-6


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    held = n = 0
    for seed in range(40):
        tree, dates, families = world(seed, [0.1, 0.2], [8, 16])
        for one, rate in zip(family_rates(tree, dates, families), [0.1, 0.2], strict=True):
            held, n = held + (one.low <= rate <= one.high), n + 1
    assert held / n >= 0.86


def test_tips_may_come_in_any_order():
    tree, dates, families = world(1, [0.1, 0.2], [8, 9])
    order = np.random.default_rng(0).permutation(tree.n_tips)
    rows = [*order, *range(tree.n_tips, tree.n_nodes)]
    mixed = Tree(tuple(tree.labels[tip] for tip in order), tree.parents[rows], tree.lengths[rows])
    again = family_rates(mixed, dates[order], [families[tip] for tip in order])
    for one, other in zip(family_rates(tree, dates, families), again, strict=True):
        assert (one.rate, one.error) == pytest.approx((other.rate, other.error), rel=1e-4)


def test_neither_root_nor_clade_matters():
    tree, dates, families = world(2, [0.1, 0.1], [10, 10])
    mixed = ["mine" if name == "family 0" or tip == 12 else "" for tip, name in enumerate(families)]
    found = [
        family_rates(root(tree, rooting).tree, dates, mixed)[0]
        for rooting in ("midpoint", "minimum_variance")
    ]
    assert found[0].n == found[1].n == 11
    assert found[0].rate == pytest.approx(found[1].rate)
    assert found[0].error == pytest.approx(found[1].error)


def test_others_that_are_all_equally_far_do_not_flatten_a_rate():
    # Outsiders join the line of descent at its middle, as saturated distances would have it.
    tree, dates = ladder(0.2)
    middle = root_above(tree, 14, float(tree.lengths[14]) / 2, "given")
    [found] = family_rates(middle, dates, ["all"] * 10)
    assert found.rate == pytest.approx(0.2)


def test_of_several_that_came_first_the_most_central_is_the_origin():
    tree = read("(far:5,near:1,(c:1,d:1.1):0.2,(e:1.2,(f:1.3,g:1.4):0.1):0.1);")
    dates = np.array([2020, 2020, 2021, 2022, 2023, 2024, 2024.5])
    [found] = family_rates(tree, dates, ["x"] * 7)
    assert tree.labels[found.origin] == "near"


def test_replicates_widen_the_interval():
    tree, dates, families = world(3, [0.1, 0.2], [8, 8])
    rng = np.random.default_rng(0)
    replicates = [
        Tree(tree.labels, tree.parents, tree.lengths * rng.uniform(0.7, 1.3, tree.n_nodes))
        for _ in range(10)
    ]
    alone = family_rates(tree, dates, families)
    for one, more in zip(alone, family_rates(tree, dates, families, replicates), strict=True):
        assert more.rate == one.rate
        assert more.high - more.low > one.high - one.low
        assert one.probe_error == 0 < more.probe_error
        assert more.error == pytest.approx(np.hypot(one.error, more.probe_error))


def test_too_little_is_inconclusive():
    tree, dates, families = world(4, [0.1, 0.1, 0.1, 0.1], [6, 6, 6, 6])
    dates[:2] = np.nan
    dates[6:12] = 2023.5
    dates[12:18] = 2023.5 + np.arange(6) / 40
    said = ["too few", "at 1 times", "within 1.5 months", ""]
    for one, why in zip(family_rates(tree, dates, families), said, strict=True):
        assert why in one.why
        assert (one.rate is None) == (why != "")
        assert (one.low, one.p_value) == (None, None) or why == ""
    flat = Tree(tree.labels, tree.parents, np.zeros(tree.n_nodes))
    assert {one.rate for one in family_rates(flat, dates, families)} == {None}
    assert family_rates(tree, dates, [""] * 24) == ()
    none = family_rates(tree, np.full(24, np.nan), families)[0]
    assert (none.n, none.first, none.rate) == (0, None, None)


def test_what_does_not_fit_the_tree_is_refused():
    tree, dates, families = world(5, [0.1, 0.1], [6, 6])
    with pytest.raises(InputError, match="bad_families"):
        family_rates(tree, dates, families[1:])
    with pytest.raises(InputError, match="bad_dates"):
        family_rates(tree, dates[1:], families)
    with pytest.raises(InputError, match="different_tips"):
        family_rates(tree, dates, families, [world(5, [0.1, 0.1], [7, 7])[0]])
