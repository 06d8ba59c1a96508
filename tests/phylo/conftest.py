import pytest

from tests.phylo.oracle import Oracle


@pytest.fixture(scope="session")
def oracle():
    with Oracle() as judge:
        yield judge
