"""One zygote for all worker tests: starting it imports torch."""

from collections.abc import Iterator

import pytest

from workers.nest import Nest


@pytest.fixture(scope="session")
def nest() -> Iterator[Nest]:
    """A nest whose processes compute with one thread."""
    opened = Nest(threads=1)
    yield opened
    opened.close()
