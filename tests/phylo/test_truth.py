"""What a genealogy says of branches, on trees small enough to say it by hand."""

import pytest

from app.errors import InputError
from app.phylo.formats.newick import read
from app.phylo.rooting import midpoint
from app.phylo.splits import clade_masks
from app.phylo.truth import Truth, truths

# Two founders; a has three children, one of which has a child; x is a merge of c1 and c2.
LINEAGE = {
    "a": [],
    "b": [],
    "c1": ["a"],
    "c2": ["a"],
    "c3": ["a"],
    "d": ["c3"],
    "b1": ["b"],
    "b2": ["b"],
    "x": ["c1", "c2"],
    "z": [],
    "z1": ["z"],
}


def shaped(newick):
    """The tree of that shape; every branch is 1 long."""
    return read(newick.replace(",", ":1,").replace(")", ":1)"))


def said(newick, lineage=LINEAGE):
    """What is said of each branch, by the tips below it."""
    tree = shaped(newick)
    pairs = zip(clade_masks(tree), truths(tree, lineage), strict=True)
    return {
        "".join(sorted(tree.labels[tip] for tip in tree.tips if mask >> tip & 1)): truth
        for mask, truth in pairs
        if truth is not None
    }


def test_each_kind_of_branch():
    found = said("((((a,c1),((c3,d),c2)),(b,b1)),z,z1);")
    assert found == {
        "ac1": Truth.RESOLVED,  # c2 and c3 are a's children too
        "c3d": Truth.CLADE,
        "c2c3d": Truth.RESOLVED,
        "ac1c2c3d": Truth.CLADE,
        "bb1": Truth.CLADE,
        "abb1c1c2c3d": Truth.CLADE,  # its other side is all of z's
    }


def test_families_side_by_side_are_united():
    assert said("((a,c1),(b,b1),(z,z1));") == dict.fromkeys(["ac1", "bb1", "zz1"], Truth.CLADE)
    four = {**LINEAGE, "y": [], "y1": ["y"]}
    found = said("(((a,c1),(b,b1)),(z,z1),(y,y1));", four)
    assert found["abb1c1"] is Truth.UNITED


def test_a_clade_that_is_cut():
    found = said("((a,b),(c1,b1),(b2,c2));")
    assert set(found.values()) == {Truth.CUT}
    assert said("(((c3,a),d),c1,(b,b1));")["ac3"] is Truth.CUT


@pytest.mark.parametrize("newick", ["((c1,x),a,c2,(b,b1));", "((c2,x),a,c1,(b,b1));"])
def test_a_merge_may_stand_with_either_parent(newick):
    tree = said(newick)
    assert tree["c1x" if "(c1,x)" in newick else "c2x"] is Truth.CLADE


def test_ancestors_may_be_missing_and_tips_unknown():
    found = said("((c1,c2),(b1,b2),new);")
    assert found == {"c1c2": Truth.CLADE, "b1b2": Truth.CLADE}


def test_the_root_does_not_matter():
    tree = read("((((a:1,c1:1):1,((c3:1,d:1):1,c2:1):1):1,(b:1,b1:1):1):1,z:1,z1:9);")
    everything = (1 << tree.n_tips) - 1

    def by_split(one):
        pairs = zip(clade_masks(one), truths(one, LINEAGE), strict=True)
        return {min(mask, mask ^ everything): truth for mask, truth in pairs}

    assert by_split(midpoint(tree)).items() >= {
        (mask, truth) for mask, truth in by_split(tree).items() if truth
    }


def test_a_lineage_that_goes_round_is_refused():
    with pytest.raises(InputError, match="descends from itself"):
        truths(shaped("((a,b),c,d);"), {"a": ["b"], "b": ["a"]})
