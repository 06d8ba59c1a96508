import pytest

from app.errors import InputError
from app.phylo.annotated import Annotated
from app.phylo.formats.table import FORMATS, named
from app.phylo.tree import assemble


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_writes_a_tree_of_two_and_of_one_twice(full, name):
    form = named(name)
    assert form.extension.startswith(".")
    assert form.media_type.count("/") == 1
    for tree in (full.tree, assemble(["x", "x", None], [2, 2, -1], [0, 0, 0])):
        text = form.write(Annotated(tree))
        assert text.strip()
        text.encode()


def test_a_format_that_there_is_not():
    with pytest.raises(InputError) as caught:
        named("svgz")
    assert caught.value.code == "unknown_format"
    assert "newick, nexus" in caught.value.detail
