from io import StringIO

import dendropy
from Bio import Phylo
from hypothesis import given, settings

from app.phylo.annotated import Annotated
from app.phylo.comparison import robinson_foulds
from app.phylo.formats.newick import read
from app.phylo.formats.nexus import write
from app.phylo.tree import assemble
from tests.phylo.formats.readers import from_biopython, from_dendropy
from tests.phylo.formats.reading_back import annotations, check, names
from tests.phylo.strategies import caterpillar


def dendropy_tree(annotated):
    return dendropy.Tree.get(
        data=write(annotated), schema="nexus", case_sensitive_taxon_labels=True
    )


@given(annotations(names))
@settings(deadline=None, max_examples=60)
def test_dendropy_reads_the_same_tree(annotated):
    tree = dendropy_tree(annotated)
    assert tree.is_rooted
    check(annotated, from_dendropy(tree.seed_node))


@given(annotations(names, min_tips=2))
@settings(deadline=None, max_examples=60)
def test_biopython_reads_the_same_tree(annotated):
    tree = Phylo.read(StringIO(write(annotated)), "nexus")
    assert tree.rooted
    check(annotated, from_biopython(tree.root, unquoted))


def unquoted(clade):
    """Biopython leaves the quotes of Nexus on names with punctuation."""
    name = clade.name or ""
    return name[1:-1].replace("''", "'") if name.startswith("'") else name


def test_columns_are_comments_that_figtree_reads(full):
    text = write(full)
    assert '1[&family="wolves",maker="%3Dacme <%26>"]:0.5' in text
    assert ")0.95[&support=0.95,bootstrap=0.5,date=2023.5]:0.25" in text
    tips = {node.taxon.label: node for node in dendropy_tree(full).leaf_node_iter()}
    assert tips["c"].annotations.get_value("date") == "2024.25"


def test_how_it_looks():
    tree = assemble(["it's", "b", "b", None], [3, 3, 3, -1], [1, 2, 3, 0])
    assert write(Annotated(tree)).split("\n") == [
        "#NEXUS",
        "BEGIN TAXA;",
        "  DIMENSIONS NTAX=3;",
        "  TAXLABELS",
        "    'it''s'",
        "    'b'",
        "    'b (2)'",
        "  ;",
        "END;",
        "BEGIN TREES;",
        "  TRANSLATE",
        "    1 'it''s',",
        "    2 'b',",
        "    3 'b (2)'",
        "  ;",
        "  TREE genebank = [&R] (1:1,2:2,3:3);",
        "END;",
        "",
    ]


def test_deep_trees():
    tree = caterpillar(5000)
    [line] = [line for line in write(Annotated(tree)).split("\n") if "TREE genebank" in line]
    numbered = assemble(
        [str(tip + 1) for tip in tree.tips] + [None] * (tree.n_nodes - tree.n_tips),
        tree.parents.tolist(),
        tree.lengths.tolist(),
    )
    again = read(line.split("[&R]")[1])
    assert again.n_tips == 5000
    assert robinson_foulds(numbered, again) == 0
