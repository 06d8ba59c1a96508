import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.phylo.pictures.notes import FARTHEST, Note, spread


@st.composite
def notes(draw):
    wish = draw(st.floats(0, 500))
    half = draw(st.floats(0, 60))
    height = draw(st.floats(8, 40))
    weight = draw(st.sampled_from([1.0, 2.0, 5.0, math.inf]))
    return Note("n", "", wish, height, height / 1.25, weight, (wish - half, wish + half))


@given(st.lists(notes(), max_size=40))
def test_notes_stand_apart_on_the_page_and_near_what_they_name(wanted):
    placed = spread(wanted, 0, 500)
    edges = [(place - note.height / 2, place + note.height / 2) for note, place in placed]
    assert all(top >= -1e-6 and bottom <= 500 + 1e-6 for top, bottom in edges)
    pairs = pairwise(edges)
    assert all(above[1] <= below[0] + 1e-5 for above, below in pairs)
    for note, place in placed:
        slack = math.inf if math.isinf(note.weight) else FARTHEST * note.height + 1e-6
        assert note.span[0] - slack <= place <= note.span[1] + slack


@given(st.lists(notes(), min_size=1, max_size=40))
def test_the_heaviest_stands_where_it_wishes(wanted):
    heaviest = max(wanted, key=lambda note: (note.weight, -note.wish))
    places = [place for note, place in spread(wanted, -100, 600) if note == heaviest]
    assert heaviest.wish in places or any(abs(place - heaviest.wish) < 1e-6 for place in places)
    assert len(spread(wanted, -100, 600)) <= len(wanted)


def test_what_finds_no_room_is_left_out():
    crowd = [Note(str(i), "", 50, 20, 16, i, (50, 50)) for i in range(9)]
    assert [note.text for note, _ in spread(crowd, 0, 100)] == ["8"]
    assert spread(crowd, 0, 10) == []
