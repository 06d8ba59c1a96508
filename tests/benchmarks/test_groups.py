import pytest

from benchmarks.groups import GROUPS, find


@pytest.mark.parametrize("name", GROUPS)
def test_every_group_of_the_table_is_there(name):
    assert callable(find(name))
