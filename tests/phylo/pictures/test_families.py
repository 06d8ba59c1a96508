from app.phylo.annotated import Annotated
from app.phylo.formats.newick import read
from app.phylo.pictures.families import GREY, PLAIN, Families, Run

TREE = read("(((a:1,b:1):1,c:1):1,(d:1,e:1):1);")


def of(*families):
    return Families(Annotated(TREE, families=families))


def test_the_largest_come_first_and_ties_by_name():
    families = of("y", "x", "x", "", "y")
    assert families.ranked == [("x", 2), ("y", 2)]
    assert families.unknown == 1
    assert (families.ink("x"), families.ink("y"), families.ink("")) == ("f0", "f1", PLAIN)


def test_a_branch_has_a_colour_where_all_below_are_of_one_family():
    inks = of("x", "x", "y", "x", "").branch_inks(TREE)
    assert inks == ["f0", "f0", "f1", "f0", PLAIN, "f0", PLAIN, PLAIN, PLAIN]


def test_runs():
    runs = of("x", "x", "y", "", "x").runs([0, 1, 2, 3, 4])
    assert runs == [Run("x", 0, 1), Run("y", 2, 2), Run("x", 4, 4)]
    assert of("x", "", "x", "", "").runs([0, 1, 2, 3, 4]) == [Run("x", 0, 0), Run("x", 2, 2)]


def test_many_families_and_none():
    n = 40
    tree = read("(" + ",".join(f"m{i}:1" for i in range(n)) + ");")
    families = Families(Annotated(tree, families=tuple(f"f{i:02}" for i in range(n))))
    assert len(families.coloured) == 10
    assert len(families.others) == 30
    assert families.ink("f39") == GREY
    assert Families(Annotated(tree)).ranked == []
