import pytest

from app.errors import InputError
from app.phylo.formats.newick import read, write
from app.phylo.shared_tips import shared_tips


def test_trees_are_cut_down_to_what_they_share():
    a = read("((x:1,a:1):1,((b:1,c:1):1,d:1):1);")
    b = read("((d:1,a:2):1,((b:1,y:1):1,c:1):1);")
    shared = shared_tips(a, b)
    assert shared.a.labels == shared.b.labels == ("a", "b", "c", "d")
    assert (shared.only_a, shared.only_b) == (("x",), ("y",))
    assert write(shared.a) == "(a:2,(d:1,(b:1,c:1):1):1);"
    assert write(shared.b) == "((a:2,d:1):1,(b:2,c:1):1);"


@pytest.mark.parametrize(
    ("code", "other"),
    [
        ("too_few_shared_tips", "(a:1,b:1,c:1,e:1);"),
        ("too_few_shared_tips", "(p:1,q:1,r:1,s:1);"),
        ("duplicate_tips", "(a:1,b:1,c:1,d:1,a:1);"),
    ],
)
def test_what_cannot_be_compared_is_refused(code, other):
    with pytest.raises(InputError) as caught:
        shared_tips(read("(a:1,b:1,c:1,d:1);"), read(other))
    assert caught.value.code == code
