"""Labels that come twice, told by their hashes."""

from hypothesis import given
from hypothesis import strategies as st

from app.services.labels import Labels


@given(labels=st.lists(st.text(max_size=2), max_size=40))
def test_repeated_labels_are_found_and_no_others(labels: list[str]) -> None:
    remembered = Labels()
    for label in labels:
        remembered.add(label)
    expected = {hash(label) for label in labels if labels.count(label) > 1}
    assert remembered.repeated() == expected
