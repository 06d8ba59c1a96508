import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.phylo.pictures.circle import Circle, upright


@given(st.floats(0, 2 * math.pi - 1e-6))
def test_texts_never_stand_on_their_heads(angle):
    degrees, turned = upright(angle)
    assert -90 - 1e-6 <= degrees <= 90 + 1e-6
    # Along the spoke: outwards, or inwards when turned.
    along = (math.cos(math.radians(degrees)), math.sin(math.radians(degrees)))
    spoke = (math.sin(angle), -math.cos(angle))
    assert along[0] * spoke[0] + along[1] * spoke[1] == pytest.approx(-1 if turned else 1)


@given(st.integers(1, 50), st.floats(0.05, 1))
def test_tips_share_what_the_gap_leaves(n, gap):
    circle = Circle(0, 0, n, gap)
    angles = [circle.angle(slot) for slot in range(n)]
    assert angles[0] - gap / 2 == pytest.approx(circle.sweep / n / 2)
    assert 2 * math.pi - gap / 2 - angles[-1] == pytest.approx(circle.sweep / n / 2)


def test_points_and_lines():
    circle = Circle(100, 100, 4, 0.1)
    assert circle.point(0, 50) == (100, 50)
    assert circle.point(math.pi / 2, 50) == pytest.approx((150, 100))
    assert circle.spoke(0, 10, 20) == "M100 90L100 80"
    assert circle.arc(0, math.pi / 2, 50) == "M100 50A50 50 0 0 1 150 100"
    assert " 0 1 1 " in circle.arc(0, 1.5 * math.pi, 50)
