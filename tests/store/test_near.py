from hypothesis import given
from hypothesis import strategies as st

from app.store.near import near_names

NAMES = st.lists(st.text("abcXYZ/-7", min_size=1, max_size=8), max_size=12)


@given(names=NAMES, wanted=st.text("abcXYZ/-7", max_size=8), limit=st.integers(1, 4))
def test_near_names_are_names_each_once_and_few(names: list[str], wanted: str, limit: int) -> None:
    near = near_names(wanted, names, limit)
    assert set(near) <= set(names)
    assert len({name.lower() for name in near}) == len(near) <= limit


@given(names=NAMES.filter(bool), data=st.data())
def test_the_name_itself_comes_first_whatever_its_case(
    names: list[str], data: st.DataObject
) -> None:
    wanted = data.draw(st.sampled_from(names))
    assert near_names(wanted.swapcase(), names)[0].lower() == wanted.lower()


def test_a_part_of_a_name_is_near() -> None:
    names = ["HuggingFaceH4/zephyr-7b-beta", "zephyr-7b-alpha", "unlike"]
    assert near_names("zephyr", names) == ["zephyr-7b-alpha", "HuggingFaceH4/zephyr-7b-beta"]
    assert near_names("qqq", names) == []
