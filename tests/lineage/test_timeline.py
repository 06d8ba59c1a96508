"""Who came first: dates, claims, and what happens where they disagree."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.lineage.claims import Support
from app.lineage.dates import Dated
from app.lineage.members import Declared, Member
from app.lineage.timeline import Timeline

DATES = st.sampled_from(["2024-01", "2024-02", "2024-02-10", "2024-02-20"])
MEMBERS = st.lists(
    st.builds(
        Member,
        st.just("x"),
        st.lists(st.builds(Dated, DATES, st.sampled_from(["hub", "import"])), max_size=2).map(
            tuple
        ),
    ),
    min_size=4,
    max_size=4,
)
CLAIMS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3)).filter(lambda pair: pair[0] != pair[1]),
    max_size=4,
)


def claim(child: int, parent: int, support: Support = "supported") -> Declared:
    return Declared(child, parent, ("hub",), support)


def member(*dates: str, source: str = "hub") -> Member:
    return Member("x", tuple(Dated(date, source) for date in dates))


@given(MEMBERS, CLAIMS)
def test_nobody_came_before_who_came_before_him(
    members: list[Member], claims: list[tuple[int, int]]
) -> None:
    timeline = Timeline(members, [claim(*pair) for pair in claims])
    before = timeline.before(np.ones((4, 4), dtype=bool))
    assert not (before & before.T).any()
    for a in range(4):
        for b in range(4):
            assert before[a, b] == timeline.precedes(a, b)


def test_dates_and_claims_tell_the_order_and_conflicts_nothing() -> None:
    early, late, undated = member("2024-01"), member("2024-02"), member()
    told = Timeline([early, late, undated], [])
    assert told.precedes(0, 1)
    assert not any(told.precedes(2, other) or told.precedes(other, 2) for other in range(2))
    conflicting = Timeline([early, late, undated], [claim(0, 1)])
    assert not conflicting.precedes(0, 1)
    assert not conflicting.precedes(1, 0)
    assert conflicting.is_against_dates(claim(0, 1))
    lines = Timeline([early, late, undated], [claim(2, 1), claim(1, 0)])
    assert lines.above[2] == {0, 1}
    assert lines.precedes(0, 2)


def test_contradicted_claims_say_nothing() -> None:
    told = Timeline([member(), member()], [claim(1, 0, "contradicted")])
    assert not told.precedes(0, 1)
    assert Timeline([member(), member()], [claim(1, 0, "undecided")]).precedes(0, 1)


def test_sources_that_disagree_say_nothing() -> None:
    both = Member("x", (Dated("2024-03", "hub"), Dated("2023-01", "submitter")))
    told = Timeline([member("2024-01"), both], [])
    assert not told.precedes(0, 1)


def test_claims_in_a_circle_are_seen() -> None:
    claims = [claim(0, 1), claim(1, 2), claim(2, 0)]
    told = Timeline([member(), member(), member(), member()], [*claims, claim(3, 0)])
    assert all(told.runs_in_a_circle(one) for one in claims)
    assert not told.runs_in_a_circle(claim(3, 0))
    assert not told.precedes(0, 1)
