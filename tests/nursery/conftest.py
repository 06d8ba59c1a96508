"""One tiny nursery, raised once for all tests of this folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from nursery import Member, raise_nursery


@dataclass(frozen=True)
class Raised:
    """A nursery on disk, and the members in the order in which they were announced."""

    out: Path
    members: Sequence[Member]
    announced: Sequence[Member]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Raised:
    out = tmp_path_factory.mktemp("nursery") / "tiny"
    announced: list[Member] = []
    members = raise_nursery(out, seed=5, size="tiny", on_model=announced.append)
    return Raised(out, members, announced)
