import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.phylo.comparison import (
    Clade,
    normalised_robinson_foulds,
    recovered,
    robinson_foulds,
    true_clades,
)
from app.phylo.formats.newick import read, write
from app.phylo.rooting import midpoint
from app.phylo.tree import NO_PARENT, assemble
from tests.phylo.strategies import random_tree, seeded, trees


@st.composite
def genealogies(draw, max_parents=3):
    """model -> parents, among the models before it."""
    rng = draw(st.randoms(use_true_random=False))
    lineage = {}
    for i in range(draw(st.integers(4, 16))):
        count = min(len(lineage), rng.choice([0, 1, 1, 1, 1, max_parents]))
        lineage[f"m{i}"] = rng.sample(sorted(lineage), count)
    return lineage


def grown(lineage, rng):
    """The tree that a genealogy draws, each merge hung from one of its parents."""
    models = list(lineage)
    names = models + [None] * (len(models) + 1)
    parents = [len(models) + i for i in range(len(models))]
    for model in models:
        chosen = rng.choice(lineage[model]) if lineage[model] else None
        parents.append(len(models) + (models.index(chosen) if chosen else len(models)))
    parents.append(NO_PARENT)
    return without_single_children(names, parents)


def without_single_children(names, parents):
    """Our trees have no inner node with one child: hang the child higher."""
    for node in reversed(range(len(parents))):
        while parents[node] != NO_PARENT and parents.count(parents[node]) == 1:
            parents[node] = parents[parents[node]]
    used = [n for n in range(len(parents)) if names[n] is not None or n in parents]
    place = {node: new for new, node in enumerate(used)} | {NO_PARENT: NO_PARENT}
    return assemble([names[n] for n in used], [place[parents[n]] for n in used], [0.0] * len(used))


@given(genealogies(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=50)
def test_the_true_tree_shows_every_clade_wherever_merges_hang(lineage, rng):
    clades = true_clades(lineage)
    if clades:
        assert recovered(grown(lineage, rng), clades) == 1


@given(genealogies())
@settings(deadline=None, max_examples=30)
def test_a_star_shows_no_clade(lineage):
    clades = true_clades(lineage)
    n = len(lineage)
    star = assemble([*lineage, None], [n] * n + [-1], [1.0] * n + [0])
    if clades:
        assert recovered(star, clades) == 0


def test_clades_of_a_known_genealogy():
    lineage = {
        "a": [], "a1": ["a"], "a2": ["a1"], "b": [], "b1": ["b"], "m": ["a1", "b1"], "m1": ["m"],
        "c": [],
    }  # fmt: skip
    free = frozenset({"m", "m1"})
    assert true_clades(lineage) == [
        Clade("a", frozenset({"a", "a1", "a2"}), free),
        Clade("b", frozenset({"b", "b1"}), free),
        Clade("a1", frozenset({"a1", "a2"}), free),
        Clade("m", free, frozenset()),
    ]
    right = read("(((a:1,(a1:1,a2:1):1):1,(b:1,(b1:1,(m:1,m1:1):1):1):1):1,c:1);")
    assert recovered(right, true_clades(lineage)) == 1
    half = read("(((a:1,(a1:1,a2:1):1):1,(b:1,(c:1,(m:1,m1:1):1):1):1):1,b1:1);")
    assert recovered(half, true_clades(lineage)) == 3 / 4


def test_a_clade_of_a_merge_within_one_family_is_closed():
    lineage = {"a": [], "x": ["a"], "y": ["a"], "m": ["x", "y"], "b": [], "c": []}
    heads = {clade.head: clade for clade in true_clades(lineage)}
    assert heads.keys() == {"a"}
    assert heads["a"].free == frozenset()


def test_ancestors_that_are_no_tips_still_make_clades():
    lineage = {"x": ["base"], "y": ["base"], "z": ["x"], "p": [], "q": []}
    assert {clade.head: clade.inside for clade in true_clades(lineage)} == {
        "base": {"x", "y", "z"},
        "x": {"x", "z"},
    }
    found = true_clades({**lineage, "w": ["z"]}, tips=["z", "w", "p", "q"])
    assert [(clade.inside, clade.free) for clade in found] == [({"z", "w"}, frozenset())]


def test_what_says_nothing_is_no_clade():
    assert true_clades({"a": [], "b": ["a"], "c": ["a"], "d": []}) == []


@given(trees(min_tips=4), trees(min_tips=4), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=50)
def test_the_place_of_the_root_and_the_order_of_tips_do_not_matter(one, other, rng):
    n = min(one.n_tips, other.n_tips)
    a = random_tree(rng, list(one.labels[:n]), False, False)
    b = random_tree(rng, list(one.labels[:n]), False, False)
    apart = robinson_foulds(a, b)
    assert apart == robinson_foulds(b, a) == robinson_foulds(midpoint(a), read(write(b)))
    assert 0 <= normalised_robinson_foulds(a, b) <= 1
    assert (apart == 0) == (normalised_robinson_foulds(a, b) == 0)


@pytest.mark.parametrize("seed", range(5))
def test_scikit_bio_agrees(oracle, seed):
    rng = seeded(seed)
    labels = [f"m{i}" for i in range(9)]
    a = random_tree(rng, labels, False, False)
    b = random_tree(rng, rng.sample(labels, 9), False, False)
    assert robinson_foulds(a, b) == oracle.ask("robinson_foulds", a=write(a), b=write(b))


def test_known_distances():
    a = read("((a:1,b:1):1,c:1,(d:1,e:1):1);")
    b = read("((a:1,c:1):1,b:1,(d:1,e:1):1);")
    assert robinson_foulds(a, b) == 2
    assert normalised_robinson_foulds(a, b) == 0.5
    star = read("(a:1,b:1,c:1);")
    assert normalised_robinson_foulds(star, star) == 0


@pytest.mark.parametrize(
    ("code", "act"),
    [
        ("different_tips", lambda: robinson_foulds(read("(a:1,b:1);"), read("(a:1,c:1);"))),
        ("duplicate_tips", lambda: robinson_foulds(read("(a:1,a:1);"), read("(a:1,c:1);"))),
        ("no_clades", lambda: recovered(read("(a:1,b:1);"), [])),
        ("bad_lineage", lambda: true_clades({"a": ["b"], "b": ["a"]})),
        ("bad_lineage", lambda: true_clades({"a": ["a"]})),
        (
            "different_tips",
            lambda: recovered(read("(a:1,b:1);"), [Clade("x", frozenset({"x", "a"}), frozenset())]),
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(code, act):
    with pytest.raises(InputError) as caught:
        act()
    assert caught.value.code == code
