import pytest

from app.errors import InputError
from app.evaluation.clades import judge_clades
from app.evaluation.lineage_file import parse_lineage
from app.phylo.formats.newick import read
from tests.two_protocols import LINEAGE

RIGHT = (
    "((wolf:1,(wolf-a:1,(wolf-b:1,wolf-b-tuned:1)0.7:1):1)0.9:1,"
    "(heron:1,(heron-a:1,heron-b:1):1):1);"
)


def judged(newick: str, lineage: str = LINEAGE):
    return judge_clades(read(newick), parse_lineage(lineage.encode()))


def test_the_right_tree_shows_every_clade():
    found = judged(RIGHT)
    assert (found.n_tips, found.n_shared) == (7, 7)
    assert found.counts == {"shown": 3, "contradicted": 0, "open": 0}
    assert [(one.clade.head, one.support) for one in found.verdicts] == [
        ("wolf", 0.9),
        ("heron", 0.9),
        ("wolf-b", 0.7),
    ]


def test_what_is_wrong_is_named():
    wrong = (
        RIGHT.replace("heron-a", "?")
        .replace("wolf-b-tuned", "heron-a")
        .replace("?", "wolf-b-tuned")
    )
    data = judged(wrong).as_json()
    assert (data["n_clades"], data["shown"], data["contradicted"], data["open"]) == (3, 0, 3, 0)
    wolf = data["clades"][0]
    assert wolf["inside"] == ["wolf", "wolf-a", "wolf-b", "wolf-b-tuned"]
    assert (wolf["away"], wolf["among"]) == (["wolf-b-tuned"], ["heron-a"])


def test_models_that_the_lineage_does_not_know_take_no_part():
    among = RIGHT.replace("wolf-a:1", "(wolf-a:1,stranger:1):1")
    found = judged(among)
    assert (found.n_tips, found.n_shared) == (8, 7)
    assert found.counts["shown"] == 3
    baseless = judged(among, LINEAGE + "stranger\tunknown\t\n")
    assert baseless.n_shared == 7


def test_a_model_without_a_parent_hangs_from_its_base():
    lineage = "model\tbase\na\tbig\nb\tbig\nc\tc\nd\td\n"
    found = judged("((a:1,b:1):1,(c:1,d:1):1);", lineage)
    assert [(one.clade.head, one.verdict) for one in found.verdicts] == [("big", "shown")]


@pytest.mark.parametrize(
    ("code", "newick"),
    [
        ("too_few_shared_tips", "(wolf:1,wolf-a:1,heron:1,x:1);"),
        ("duplicate_tips", "(wolf:1,wolf:1,heron:1,x:1);"),
    ],
)
def test_what_cannot_be_judged_is_refused(code, newick):
    with pytest.raises(InputError) as caught:
        judged(newick)
    assert caught.value.code == code


def test_founders_alone_say_nothing_of_a_tree():
    lineage = "model\tbase\na\ta\nb\tb\nc\tc\nd\td\n"
    with pytest.raises(InputError) as caught:
        judged("(a:1,b:1,(c:1,d:1):1);", lineage)
    assert caught.value.code == "no_clades"
