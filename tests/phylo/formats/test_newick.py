import unicodedata
from io import StringIO

import dendropy
import numpy as np
import pytest
from Bio import Phylo
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.phylo.comparison import robinson_foulds
from app.phylo.formats.newick import read, write
from app.phylo.formats.percent import show
from app.phylo.paths import tip_distances
from app.phylo.tree import assemble
from tests.phylo.formats.readers import from_biopython, from_dendropy
from tests.phylo.formats.reading_back import NASTY, annotations, check, names
from tests.phylo.strategies import caterpillar, trees


@given(trees(labels=names, support=True))
@example(assemble([*NASTY, None], [len(NASTY)] * len(NASTY) + [-1], [1.0] * len(NASTY) + [0]))
@settings(deadline=None, max_examples=80)
def test_any_tree_and_any_name_survive(tree):
    text = write(tree)
    again = read(text)
    assert not any(unicodedata.category(char) == "Cc" for char in text)
    assert robinson_foulds(tree, again) == 0
    order = [again.labels.index(label) for label in tree.labels]
    np.testing.assert_allclose(
        tip_distances(again)[np.ix_(order, order)], tip_distances(tree), rtol=1e-9, atol=1e-12
    )
    assert write(again) == text


@given(trees(support=True))
@settings(deadline=None, max_examples=30)
def test_support_survives(tree):
    again = read(write(tree))
    before = sorted(tree.support[~np.isnan(tree.support)])
    known = [] if again.support is None else sorted(again.support[~np.isnan(again.support)])
    assert before == pytest.approx(known)


def test_scikit_bio_reads_the_same_tree(oracle):
    # scikit-bio 0.7.4 reads an empty name as none.
    @given(trees(min_tips=2, labels=names.filter(bool)))
    @settings(deadline=None, max_examples=50)
    def compare(tree):
        judged = oracle.ask("read", newick=write(tree))
        order = [[show(name) for name in judged["names"]].index(name) for name in tree.labels]
        paths = np.array(judged["paths"])[np.ix_(order, order)]
        np.testing.assert_allclose(paths, tip_distances(tree), rtol=1e-9, atol=1e-12)

    compare()


@given(annotations(names))
@settings(deadline=None, max_examples=60)
def test_biopython_reads_the_same_tree(annotated):
    read_back = Phylo.read(StringIO(write(annotated.tree)), "newick")
    check(annotated, from_biopython(read_back.root))


@given(annotations(names))
@settings(deadline=None, max_examples=60)
def test_dendropy_reads_the_same_tree(annotated):
    read_back = dendropy.Tree.get(
        data=write(annotated.tree), schema="newick", case_sensitive_taxon_labels=True
    )
    check(annotated, from_dendropy(read_back.seed_node))


def test_how_it_looks():
    tree = assemble(
        ["org/a", "b", "it's", "d", None, None],
        [4, 4, 5, 5, 5, -1],
        [0.123456789, 1e-7, 2, 0, 1 / 3, 0],
        [float("nan")] * 4 + [0.95, float("nan")],
    )
    assert write(tree) == "('it''s':2,d:0,('org/a':0.123456789,b:1e-07)0.95:0.3333333333);"
    assert write(assemble(["a\n%0a%"], [-1], [0])) == "'a%0A%250a%';"
    assert write(assemble(["  '"], [-1], [0])) == "'%20%20%27';"


def test_what_others_write():
    tree = read(" [&R] (\n a_b:1.0, 'c''d' : 2e0 [x],(e:1,f:1)0.5:1 ):0.0 ;\n")
    assert tree.labels == ("a b", "c'd", "e", "f")
    assert tree.rooting == "given"
    assert tree.support is not None
    assert read("a;").n_nodes == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        ";",
        "(a:1,b:1)",
        "(a:1,b:1;",
        "a:1,b:1);",
        "a,b;",
        "(a:1,b:1));",
        "((a:1,b:1);",
        "(a:1,b:1);x",
        "(a:1,b:1);;",
        "(a:1,:1);",
        "(a,b);",
        "(a:x,b:1);",
        "(a:nan,b:1);",
        "(a:inf,b:1);",
        "(a:-1,b:1);",
        "(a:1:2,b:1);",
        "(a:,b:1);",
        "(a:1 2,b:1);",
        "(a b:1,c:1);",
        "('a'b:1,c:1);",
        "('a:1,b:1);",
        "([a:1,b:1);",
        "(a]:1,b:1);",
        "(a:1,b:1)(c:1,d:1);",
        "(a:1,(b:1,c:1)name:1);",
        "(a:1,(b:1,c:1)-0.5:1);",
        "()",
        "();",
    ],
)
def test_what_is_not_newick_is_refused(text):
    with pytest.raises(InputError) as caught:
        read(text)
    assert caught.value.code == "bad_newick"


@pytest.mark.parametrize("text", ["(a:1);", "((a:1,b:1):1);", "(a:1,(b:1,c:1)95:1);"])
def test_trees_that_ours_cannot_hold_are_refused(text):
    with pytest.raises(InputError) as caught:
        read(text)
    assert caught.value.code == "bad_tree"


def test_deep_trees():
    tree = caterpillar(3000)
    assert robinson_foulds(tree, read(write(tree))) == 0
    with pytest.raises(InputError):
        read("(" * 100_000)


@given(st.text(alphabet="(),:;'[]ab_1. \n%", max_size=30))
@settings(deadline=None, max_examples=200)
def test_any_text_is_read_or_refused(text):
    try:
        tree = read(text)
    except InputError:
        return
    assert write(read(write(tree))) == write(tree)
