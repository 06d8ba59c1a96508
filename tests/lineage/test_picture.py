"""Pictures: families are what edges join, named after who was first."""

from app.lineage.picture import ALONE, FILLS, make_picture
from tests.lineage.planted import N_FAMILY, NAMES, declared, derived, members


def test_a_family_is_named_after_its_founder_and_comes_first() -> None:
    found = derived()
    picture = make_picture(members(), found)
    assert [family.name for family in picture.families] == ["oak-base", "stranger-0", "stranger-1"]
    assert picture.families[0].members == tuple(range(N_FAMILY))
    assert [family.is_alone for family in picture.families] == [False, True, True]
    assert picture.fill(0) == FILLS[0]
    assert picture.fill(1) == ALONE
    assert [node.name for node in picture.nodes] == NAMES
    assert (picture.nodes[0].released, picture.nodes[0].standing) == ("2024-01", "founder")
    assert picture.nodes[-1].released == ""


def test_contradicted_claims_join_no_families() -> None:
    false = declared("oak-chat", "stranger-0", "contradicted")
    assert len(make_picture(members(), derived(claims=[false])).families) == 3
    unsure = declared("oak-chat", "stranger-0", "undecided")
    assert len(make_picture(members(), derived(claims=[unsure])).families) == 2


def test_without_a_founder_the_first_to_be_released_names_the_family() -> None:
    picture = make_picture(members({"oak-code": "2024-01", "oak-chat": "2024-02"}), derived({}))
    assert picture.families[0].name in ("oak-code", "oak-chat")
