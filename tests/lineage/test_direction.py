"""Direction and confidence follow from the reasons alone; the order from them and closeness."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dna.relations import Verdict
from app.lineage.direction import UNNAMED, Candidate, Kind, Reason, Side, ordered

SIDES: dict[Kind, Side] = {
    "declared": "ancestor",
    "released_before": "ancestor",
    "merge_of": "ancestor",
    "declared_by": "descendant",
    "released_after": "descendant",
    "merged_into": "descendant",
}
VERDICTS: tuple[Verdict, ...] = ("same weights", "direct relative", "related")


def reason(kind: Kind, side: Side | None = None, via: tuple[str, ...] = ()) -> Reason:
    return Reason(kind, side or SIDES[kind], f"{kind}.", "somebody", via)


def candidate(key: str, closeness: float, *kinds: Kind, verdict: Verdict = "related") -> Candidate:
    return Candidate(key, key, verdict, closeness, tuple(map(reason, kinds)))


REASONS = st.builds(reason, st.sampled_from(list(SIDES)), via=st.sampled_from([(), ("x",)]))
CANDIDATES = st.builds(
    Candidate,
    key=st.text("abcdef", min_size=1, max_size=3),
    name=st.just("name"),
    verdict=st.sampled_from(VERDICTS),
    closeness=st.floats(0, 100),
    reasons=st.lists(REASONS, max_size=3).map(tuple),
)


@given(CANDIDATES)
def test_the_direction_is_what_all_reasons_agree_on(one: Candidate) -> None:
    sides = {reason.side for reason in one.reasons}
    if not sides:
        assert one.direction == "unknown"
    elif sides == {"ancestor", "descendant"}:
        assert one.direction == "conflicting"
    else:
        assert {one.direction} == sides


def test_confidence() -> None:
    cases: tuple[tuple[tuple[Kind, ...], bool, str], ...] = (
        (("declared",), False, "high"),
        (("declared_by", "released_after"), True, "high"),
        (("released_before",), True, "moderate"),
        (("merge_of",), False, "moderate"),
        (("merged_into", "released_after"), False, "moderate"),
        (("released_before",), False, "low"),
    )
    for kinds, on_line, expected in cases:
        one = replace(candidate("a", 1.0, *kinds), on_line=on_line)
        assert one.confidence == expected


def test_there_is_room_for_facts_read_from_the_weights() -> None:
    assert "weights" in get_args(Kind)
    for side in get_args(Side):
        one = Candidate("a", "a", "related", 1.0, (reason("weights", side),))
        assert (one.direction, one.confidence) == (side, "high")
        assert one.rank(side) == 0


@given(st.lists(CANDIDATES, max_size=8), st.sampled_from(get_args(Side)))
def test_the_named_come_first_then_the_nearest(some: list[Candidate], side: Side) -> None:
    found = ordered(some, side)
    kept = [one for one in some if one.direction in (side, "unknown", "conflicting")]
    assert sorted(map(id, found)) == sorted(map(id, kept))
    assert [one.rank(side) for one in found] == sorted(one.rank(side) for one in found)
    for rank in range(UNNAMED + 1):
        near = [one.closeness for one in found if one.rank(side) == rank]
        assert near == sorted(near, reverse=True)


def test_claims_name_a_parent_before_merges_do_and_dates_name_nobody() -> None:
    ranks = {
        kind: candidate("a", 1.0, kind).rank("ancestor")
        for kind in ("declared", "merge_of", "released_before", "declared_by")
    }
    assert ranks == {"declared": 0, "merge_of": 1, "released_before": 2, "declared_by": 2}
    far = Candidate("a", "a", "related", 1.0, (reason("declared", via=("b",)),))
    assert far.rank("ancestor") == UNNAMED


@pytest.mark.parametrize("side", get_args(Side))
def test_equal_closeness_is_ordered_by_key(side: Side) -> None:
    some = [candidate(key, 1.0) for key in "cab"]
    assert [one.key for one in ordered(some, side)] == ["a", "b", "c"]
