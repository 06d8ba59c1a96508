"""What cannot be asked of a tree is refused before anything is computed."""

from typing import Any

import pytest

from app.errors import InputError
from app.services.trees.growth import Growth


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"replicates": -1}, "bad_replicates"),
        ({"replicates": 1001}, "bad_replicates"),
        ({"collapse": 1.5}, "bad_collapse"),
        ({"collapse": 0.5, "replicates": 0}, "bad_collapse"),
        ({"rooting": "outgroup"}, "bad_outgroup"),
        ({"outgroup": ("mdl_1",)}, "bad_outgroup"),
    ],
)
def test_what_makes_no_sense(asked: dict[str, Any], code: str) -> None:
    with pytest.raises(InputError, match=code):
        Growth(**asked)


def test_equal_growths_are_one_key() -> None:
    assert {Growth(), Growth()} == {Growth(rooting="midpoint")}
    assert Growth().or_replicates(7).replicates == 7
    assert Growth(replicates=0).or_replicates(7).replicates == 0
    assert Growth(distance="angular") != Growth(distance="log_rank") != Growth()
