from tests.phylo.pictures.example import PLACE, example


def test_the_picture_in_the_documentation_is_what_is_drawn():
    """After a change of the design: look at it, then `python -m tests.phylo.pictures.example`."""
    assert PLACE.read_text() == example()
