from hypothesis import given
from hypothesis import strategies as st

from app.phylo.formats.distinct import distinct


@given(st.lists(st.sampled_from(["a", "a (2)", "a (3)", "a (2) (2)", "b"]) | st.text()))
def test_all_differ_and_the_first_of_each_name_keeps_it(names):
    found = distinct(names)
    assert len(set(found)) == len(found) == len(names)
    for name, made in zip(names, found, strict=True):
        assert made == name or names.count(name) > 1
        assert made.startswith(name)
    assert set(names) <= set(found)


def test_examples():
    assert distinct(["a", "a", "a (2)", "a"]) == ["a", "a (3)", "a (2)", "a (4)"]
    assert distinct([]) == []
