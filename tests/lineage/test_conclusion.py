"""Conclusions: found, none, or an honest inconclusive that says why."""

import pytest

from app.lineage.conclusion import Conclusion, Rest, conclude
from app.lineage.direction import Candidate, Side, ordered
from tests.lineage.test_direction import candidate

NOTHING = Rest(0)
OPEN = Rest(0, unchecked="It names x as its base. It is not registered.")


def of(*some: Candidate, side: Side = "ancestor", rest: Rest = NOTHING) -> Conclusion:
    return conclude(ordered(some, side), side, rest)


def test_the_likeliest_parent_is_found_and_its_reasons_are_told() -> None:
    found = of(candidate("wolf", 2, "declared", "released_before"), candidate("cub", 9))
    assert found.verdict == "found"
    assert found.why == "wolf is the likeliest parent: declared., released_before.."


def test_a_nearest_relative_without_a_reason_leaves_the_parent_open() -> None:
    found = of(candidate("twin", 2), candidate("old", 1, "released_before"))
    assert found.verdict == "inconclusive"
    assert found.why.startswith("twin is the nearest relative (related), but nothing says")


@pytest.mark.parametrize("side", ["ancestor", "descendant"])
def test_reasons_that_conflict_are_told_against_each_other(side: Side) -> None:
    found = of(candidate("twin", 2, "declared", "released_after"), side=side)
    assert found.verdict == "inconclusive"
    told = ["declared.", "released_after."]
    if side == "descendant":
        told.reverse()
    assert found.why == "The reasons for twin conflict: {}; but {}.".format(*told)


def test_any_descendant_will_do() -> None:
    found = of(candidate("twin", 2), candidate("cub", 1, "released_after"), side="descendant")
    assert found.verdict == "found"
    assert found.why.startswith("cub is the likeliest child")


def test_a_claim_that_could_not_be_checked_leaves_the_parent_open_unless_another_is_named() -> None:
    dated = of(candidate("aunt", 2, "released_before"), rest=OPEN)
    assert dated.verdict == "inconclusive"
    assert dated.why == f"{OPEN.unchecked} aunt, the nearest relative, may be a sibling."
    assert of(rest=OPEN) == Conclusion("inconclusive", OPEN.unchecked)
    assert of(candidate("wolf", 2, "declared"), rest=OPEN).verdict == "found"
    odd = of(candidate("wolf", 2, "declared", "released_after"), rest=OPEN)
    assert "conflict" in odd.why
    child = of(candidate("cub", 1, "released_after"), side="descendant", rest=OPEN)
    assert child.verdict == "found"


def test_none_and_unclear_differ() -> None:
    assert of().verdict == "none"
    assert "no registered model is related" in of().why
    later = of(candidate("cub", 1, "declared_by"), rest=Rest(1, 2))
    assert later.verdict == "none"
    assert later.why.endswith("of its relatives 1 came later and 2 stand beside the line.")
    assert of(rest=Rest(3, unclear="Too few.")) == Conclusion("inconclusive", "Too few.")


def test_notes_are_always_told() -> None:
    noted = Rest(0, notes=("One.", "Two."))
    assert of(rest=noted).why.endswith("no registered model is related. One. Two.")
    assert of(candidate("wolf", 2, "declared"), rest=noted).why.endswith("declared.. One. Two.")
