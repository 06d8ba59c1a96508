"""Derivation graphs: the true parents from dates or claims, never a circle, never a stranger."""

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.lineage.claims import Support
from app.lineage.derivation import NOT_KNOWN
from app.lineage.members import Declared
from tests.genealogy import FAMILY, RELEASED
from tests.lineage.planted import (
    NAMES,
    PLACES,
    TRUE,
    declared,
    derived,
    evidence,
    members,
    pairs,
    standing,
)

ALL_CLAIMS = [declared(*pair) for pair in sorted(TRUE)]


def test_dates_tell_every_parent() -> None:
    found = derived()
    assert pairs(found, "inferred") == TRUE
    assert all(edge.confidence == "moderate" and not edge.doubt for edge in found.edges)
    assert {name for name in NAMES if standing(found, name) == "founder"} == {
        "oak-base", "stranger-0", "stranger-1",
    }  # fmt: skip
    merged = [edge for edge in found.edges if edge.share is not None]
    assert {NAMES[edge.parent] for edge in merged} == {"oak-chat", "oak-code"}
    assert sum(edge.share or 0 for edge in merged) == pytest.approx(1)
    assert {edge.reasons[0].kind for edge in merged} == {"merge_of"}


def test_claims_tell_every_parent_and_are_drawn_as_claims() -> None:
    for dates in ({}, RELEASED):
        found = derived(dates, ALL_CLAIMS)
        assert pairs(found, "declared") == TRUE
        assert not pairs(found, "inferred")
        assert {edge.confidence for edge in found.edges} == {"high"}
        assert standing(found, "oak-base") == "founder"


def test_without_dates_and_claims_only_the_merge_has_a_direction() -> None:
    found = derived({})
    assert pairs(found) == {("oak-blend", "oak-code")}
    open_ = [edge for edge in found.edges if not edge.directed]
    assert {edge.confidence for edge in open_} == {"low"}
    [copied] = [edge.doubt for edge in open_ if edge.share is not None]
    assert copied == "oak-chat-q8 behaves as it does: either may be the parent."
    assert all(edge.doubt == NOT_KNOWN for edge in open_ if edge.share is None)
    joined = [{NAMES[edge.child], NAMES[edge.parent]} for edge in open_]
    # A merge is nearer to the base of its parents than they are.
    likely = [set(pair) for pair in TRUE] + [{"oak-base", "oak-blend"}]
    assert all(ends in likely for ends in joined)
    assert {standing(found, name) for name in FAMILY if name != "oak-blend"} == {"unplaced"}


def test_a_contradicted_claim_is_drawn_and_believed_by_nobody() -> None:
    false = declared("oak-chat", "stranger-0", "contradicted")
    found = derived(claims=[false])
    assert pairs(found) == TRUE
    [edge] = [edge for edge in found.edges if edge.kind == "declared"]
    assert (edge.support, edge.confidence) == ("contradicted", "low")
    assert edge.doubt == "By their behaviour the two are unrelated."


def test_a_base_that_came_later_is_flagged() -> None:
    found = derived(claims=[declared("oak-code", "oak-blend")])
    [edge] = [edge for edge in found.edges if edge.kind == "declared"]
    assert edge.conflicts == ("dates",)
    assert not edge.holds
    assert ("oak-code", "oak-base") in pairs(found)


def test_claims_in_a_circle_are_flagged() -> None:
    claims = [declared("oak-code", "oak-chat"), declared("oak-chat", "oak-code")]
    found = derived({}, claims)
    assert {edge.conflicts for edge in found.edges if edge.kind == "declared"} == {("circle",)}


def test_who_names_the_first_base_is_told_who_lies_between() -> None:
    found = derived(claims=[declared("oak-chat-tuned", "oak-base")])
    assert ("oak-chat-tuned", "oak-chat") in pairs(found, "inferred")
    [claim] = [edge for edge in found.edges if edge.kind == "declared"]
    assert claim.via == (PLACES["oak-chat"],)
    assert found.places[PLACES["oak-chat-tuned"]].why == "It descends from oak-chat."


def test_a_merge_that_names_one_parent_has_the_other_inferred() -> None:
    found = derived(claims=[declared("oak-blend", "oak-code")])
    assert pairs(found) == TRUE
    assert ("oak-blend", "oak-chat") in pairs(found, "inferred")


def test_a_claim_that_leads_elsewhere_leaves_the_parent_open() -> None:
    said = "oak-chat-tuned names elsewhere/x as its base. It is not registered."
    found = derived(oak_chat_tuned=said)
    assert ("oak-chat-tuned", "oak-chat") not in pairs(found)
    [edge] = [e for e in found.edges if not e.directed]
    assert edge.doubt == said
    assert (standing(found, "oak-chat-tuned"), found.places[edge.child].why) == ("unplaced", said)


def test_a_nearer_one_of_unknown_date_leaves_the_parent_open() -> None:
    dates = {name: date for name, date in RELEASED.items() if name != "oak-chat"}
    found = derived(dates)
    assert not {pair for pair in pairs(found) if pair[0] in ("oak-chat-tuned", "oak-chat-q8")}
    joined = [{NAMES[e.child], NAMES[e.parent]} for e in found.edges if not e.directed]
    assert {"oak-chat", "oak-chat-q8"} in joined
    assert any("oak-chat-tuned" in ends for ends in joined)


def test_an_undecided_claim_is_kept_and_nothing_else_inferred() -> None:
    found = derived(claims=[declared("oak-chat-tuned", "oak-code", "undecided")])
    up = [edge for edge in found.edges if NAMES[edge.child] == "oak-chat-tuned"]
    assert [(edge.kind, edge.support, edge.confidence) for edge in up] == [
        ("declared", "undecided", "low")
    ]
    assert standing(found, "oak-chat-tuned") == "unplaced"


CLAIMS = st.lists(
    st.builds(
        Declared,
        st.integers(0, 7),
        st.integers(0, 7),
        st.just(("hub",)),
        st.sampled_from(["supported", "contradicted", "undecided"]),
    ).filter(lambda claim: claim.child != claim.parent),
    max_size=8,
    unique_by=lambda claim: (claim.child, claim.parent),
)
DATES = st.dictionaries(
    st.sampled_from(NAMES), st.sampled_from(["2024-01", "2024-02", "2024-02-10", "2024-03"])
)


@settings(max_examples=60)
@given(DATES, CLAIMS)
def test_whatever_is_claimed_it_is_a_graph_of_descent(
    dates: dict[str, str], claims: list[Declared]
) -> None:
    found = derived(dates, claims)
    leading = nx.DiGraph([(e.parent, e.child) for e in found.edges if e.leads])
    assert nx.is_directed_acyclic_graph(leading)
    said = {(claim.child, claim.parent): claim.support for claim in claims}
    drawn = {(e.child, e.parent): e.support for e in found.edges if e.kind == "declared"}
    assert drawn == said
    related = evidence().related
    for edge in found.edges:
        if edge.kind == "inferred":
            assert related[edge.child, edge.parent]
            if edge.directed and edge.share is None:
                first, second = (members(dates)[one].released for one in (edge.parent, edge.child))
                assert not (first and second) or first[0].value <= second[0].value
            assert bool(edge.doubt) != edge.directed
    for place, name in zip(found.places, NAMES, strict=True):
        parents = [e for e in found.edges if NAMES[e.child] == name and e.holds]
        assert (place.standing == "derived") == bool(parents)
        assert place.why


SUPPORTS: tuple[Support, ...] = ("supported", "undecided", "contradicted")


@pytest.mark.parametrize("support", SUPPORTS)
def test_two_models_are_enough(support: Support) -> None:
    found = derived({}, [declared("stranger-1", "stranger-0", support)])
    [edge] = [edge for edge in found.edges if edge.kind == "declared"]
    assert edge.support == support
