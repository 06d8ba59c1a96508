"""Siblings and copies are passed over for the parent; what lies on the way from it is not."""

from hypothesis import assume, given
from hypothesis import strategies as st

from app.lineage.siblings import ON_THE_WAY, SAME, passed_over

PARTS = st.floats(0.01, 1.0)


def first(
    distances: dict[str, float], order: list[str], apart: dict[tuple[str, str], float] | None = None
) -> str:
    """Who is left: `order` are the names by their dates, `apart` distances if not on one line."""

    def between(a: str, b: str) -> float | None:
        if order.index(a) >= order.index(b):
            return None
        return (apart or {}).get((a, b), abs(distances[a] - distances[b]))

    nearest = min(distances, key=distances.__getitem__)
    return passed_over(nearest, list(distances), distances.__getitem__, between)


@given(PARTS, PARTS, PARTS)
def test_the_nearest_is_the_parent_unless_it_stands_beside_the_way(
    near: float, more: float, apart: float
) -> None:
    assume(apart >= SAME)
    expected = "parent" if (near + more) - near < ON_THE_WAY * apart else "sibling"
    distances = {"parent": near + more, "sibling": near}
    assert first(distances, ["parent", "sibling"], {("parent", "sibling"): apart}) == expected


@given(PARTS, PARTS)
def test_nobody_is_passed_over_for_who_came_later(near: float, more: float) -> None:
    distances = {"parent": near, "late": near + more}
    assert first(distances, ["parent", "late"], {("late", "parent"): 9.0}) == "parent"


@given(st.lists(PARTS, min_size=1, max_size=6, unique=True))
def test_on_a_straight_line_the_nearest_stays(steps: list[float]) -> None:
    assume(min(steps) > 0.02)
    names = [str(place) for place in range(len(steps))]
    distances = {name: sum(steps[int(name) :]) for name in names}
    assert first(distances, names) == names[-1]


def test_copies_of_the_parent_are_passed_over_one_after_another() -> None:
    distances = {"parent": 0.1002, "copy": 0.1001, "copy of it": 0.1}
    for size in (0.01, SAME / 10):
        apart = {(a, b): size for a in distances for b in distances}
        assert first(distances, list(distances), apart) == "parent"


def test_of_two_that_cannot_be_told_apart_the_earlier_is_meant() -> None:
    distances = {"parent": 0.12, "copy in 8 bits": 0.1}
    for size, expected in ((SAME / 2, "parent"), (SAME * 2, "copy in 8 bits")):
        apart = {("parent", "copy in 8 bits"): size}
        assert first(distances, list(distances), apart) == expected
