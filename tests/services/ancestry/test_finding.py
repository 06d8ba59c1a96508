"""Ancestors and descendants of a small genealogy, from claims, dates and merges, or neither."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import NotFoundError
from app.lineage.direction import Side
from app.search.candidates import Candidates
from app.services.ancestry.finding import Ancestry, Placed, find_ancestry
from app.store import models, schema
from app.store.database import Database
from tests.genealogy import FAMILY, FOLDER, claim, date_all, declare_all, plant, register

CHILDREN = [name for name, parents in FAMILY.items() if parents]


@pytest.fixture(scope="module")
def planted_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the genealogy and no claims, for `planted` to copy."""
    path = tmp_path_factory.mktemp("planted") / "genebank.db"
    opened = Database(f"sqlite:///{path}")
    schema.upgrade(opened)
    plant(opened)
    opened.close()
    return path


@pytest.fixture
def planted(planted_file: Path, tmp_path: Path) -> Iterator[Database]:
    """The genealogy, to be claimed of."""
    copy = shutil.copy(planted_file, tmp_path / "copy.db")
    opened = Database(f"sqlite:///{copy}")
    yield opened
    opened.close()


def ask(database: Database, name: str, side: Side = "ancestor", k: int = 9) -> Ancestry:
    with database.read() as session:
        return find_ancestry(session, Candidates(), models.find(session, name), side, k)


def above(name: str) -> dict[str, int]:
    """All ancestors of a member of the family, with their generation."""
    found = dict.fromkeys(FAMILY[name], 1)
    for parent in FAMILY[name]:
        found |= {far: depth + 1 for far, depth in above(parent).items() if far not in found}
    return found


def below(name: str) -> dict[str, int]:
    return {other: above(other)[name] for other in FAMILY if name in above(other)}


def depths(placed: tuple[Placed, ...]) -> dict[str, int | None]:
    return {one.kin.model.name: one.depth for one in placed}


def edges(found: Ancestry) -> set[tuple[str, str, str, str]]:
    return {(e.child.name, e.parent.name, e.kind, e.support) for e in found.edges}


@dataclass(frozen=True)
class Case:
    dates: bool
    claims: bool
    confidence: str
    kind: str


CASES = [Case(True, False, "moderate", "inferred"), Case(True, True, "high", "declared")]
CASES.append(Case(False, True, "high", "declared"))


@pytest.mark.parametrize("case", CASES, ids=["dates", "both", "claims"])
def test_the_whole_genealogy_is_told(planted: Database, case: Case) -> None:
    if case.dates:
        date_all(planted)
    if case.claims:
        declare_all(planted)
    for name in FAMILY:
        up, down = ask(planted, name), ask(planted, name, "descendant")
        assert depths(up.line) == above(name)
        assert depths(down.line) == below(name)
        assert up.conclusion.verdict == ("found" if above(name) else "none")
        nobody = "none" if case.dates else "inconclusive"  # a sibling without dates may be a child
        assert down.conclusion.verdict == ("found" if below(name) else nobody)
        for one in (*up.line, *down.line):
            assert one.judged.confidence == case.confidence
        wanted = {(child, parent) for child in (name, *above(name)) for parent in FAMILY[child]}
        assert edges(up) == {(*edge, case.kind, "supported") for edge in wanted}


def test_generations_come_in_order_and_the_nearest_parent_first(planted: Database) -> None:
    date_all(planted)
    declare_all(planted)
    for name in CHILDREN:
        line = ask(planted, name).line
        assert [one.depth for one in line] == sorted(above(name).values())
        assert line[0].kin.model.name in FAMILY[name]
        assert ask(planted, name, k=1).line[0].kin.model == line[0].kin.model
        assert len(ask(planted, name, k=1).line) == 1


def test_who_came_first_but_is_no_ancestor_is_set_beside(planted: Database) -> None:
    date_all(planted)
    found = ask(planted, "oak-chat-tuned")
    assert set(depths(found.beside)) == {"oak-code", "oak-blend", "oak-chat-q8"}
    assert {one.judged.confidence for one in found.beside} == {"low"}
    assert set(depths(ask(planted, "oak-code", "descendant").beside)) == {
        "oak-chat", "oak-chat-q8", "oak-chat-tuned",
    }  # fmt: skip


def test_without_claims_and_dates_only_a_merge_tells_its_parents(planted: Database) -> None:
    blend = ask(planted, "oak-blend")
    assert blend.conclusion.verdict == "found"
    assert depths(blend.line) == {"oak-chat": 1, "oak-code": 1}
    assert {r.kind for one in blend.line for r in one.judged.reasons} == {"merge_of"}
    assert depths(ask(planted, "oak-code", "descendant").line) == {"oak-blend": 1}
    tuned = ask(planted, "oak-chat-tuned")
    assert (tuned.conclusion.verdict, tuned.line, tuned.edges) == ("inconclusive", (), ())
    assert set(depths(tuned.undirected)) == set(FAMILY) - {"oak-chat-tuned"}
    assert "nothing says which of the two came first" in tuned.conclusion.why


def test_a_founder_has_no_ancestor_and_a_stranger_no_relative(planted: Database) -> None:
    date_all(planted)
    base = ask(planted, "oak-base")
    assert (base.conclusion.verdict, base.line) == ("none", ())
    assert base.conclusion.why == "No ancestor is registered: of its relatives 5 came later."
    last = ask(planted, "oak-code", "descendant", k=1)
    assert len(last.beside) == 1
    blend = ask(planted, "oak-blend", "descendant")
    assert blend.conclusion.verdict == "none"
    assert "4 came first and 1 stand beside the line" in blend.conclusion.why
    lonely = ask(planted, "stranger-3")
    assert lonely.conclusion.verdict == "none"
    assert "no registered model is related" in lonely.conclusion.why


def test_a_declared_base_that_behaviour_contradicts_is_no_ancestor(planted: Database) -> None:
    date_all(planted)
    claim(planted, "oak-chat", "declared_base", "stranger-3", source="submitter")
    found = ask(planted, "oak-chat")
    [claimed] = found.claims
    assert (claimed.value, claimed.sources, claimed.support) == (
        "stranger-3", ("submitter",), "contradicted",
    )  # fmt: skip
    assert claimed.model is not None
    assert "contradicts the claim that it descends from stranger-3" in found.conclusion.why
    assert depths(found.line) == {"oak-base": 1}
    assert ("oak-chat", "stranger-3", "declared", "contradicted") in edges(found)
    wronged = ask(planted, "stranger-3", "descendant")
    assert (wronged.conclusion.verdict, wronged.line) == ("none", ())
    assert [one.support for one in wronged.claims] == ["contradicted"]
    assert "oak-chat descends from it" in wronged.conclusion.why
    assert "oak-chat-tuned" not in depths(wronged.line)


def test_a_line_through_a_contradicted_claim_says_nothing(planted: Database) -> None:
    claim(planted, "oak-chat-tuned", "declared_base", "stranger-3")
    claim(planted, "stranger-3", "declared_base", "oak-chat")
    found = ask(planted, "oak-chat-tuned")
    assert (found.line, found.conclusion.verdict) == ((), "inconclusive")


def test_a_declared_base_that_came_later_is_inconclusive(planted: Database) -> None:
    claim(planted, "oak-base", "released", "2024-05")
    claim(planted, "oak-chat", "released", "2024-03")
    claim(planted, "oak-chat", "declared_base", "oak-base")
    found = ask(planted, "oak-chat")
    assert found.conclusion.verdict == "inconclusive"
    assert "The reasons for oak-base conflict" in found.conclusion.why
    assert found.undirected[0].kin.model.name == "oak-base"
    assert found.undirected[0].judged.direction == "conflicting"
    assert "oak-base" not in depths(found.line)
    assert "oak-chat" not in depths(ask(planted, "oak-base", "descendant").line)


def test_two_that_declare_each_other_are_inconclusive(planted: Database) -> None:
    claim(planted, "oak-chat", "declared_base", "oak-chat-q8")
    claim(planted, "oak-chat-q8", "declared_base", "oak-chat")
    for name in ("oak-chat", "oak-chat-q8"):
        assert ask(planted, name).conclusion.verdict == "inconclusive"
        assert {"oak-chat", "oak-chat-q8"}.isdisjoint(depths(ask(planted, name, "descendant").line))


def test_sources_that_disagree_on_the_order_are_inconclusive(planted: Database) -> None:
    claim(planted, "oak-base", "released", "2024-01")
    claim(planted, "oak-chat", "released", "2024-03")
    claim(planted, "oak-chat", "released", "2023-01", source="submitter")
    one = next(
        one for one in ask(planted, "oak-chat").undirected if one.kin.model.name == "oak-base"
    )
    assert [reason.kind for reason in one.judged.reasons] == ["released_before", "released_after"]


def test_equal_months_are_no_reason(planted: Database) -> None:
    claim(planted, "oak-base", "released", "2024-03")
    claim(planted, "oak-chat", "released", "2024-03-20")
    found = ask(planted, "oak-chat")
    assert (found.line, found.conclusion.verdict) == ((), "inconclusive")


def test_a_base_that_is_not_registered_leaves_the_parent_open(planted: Database) -> None:
    date_all(planted)
    claim(planted, "oak-chat-tuned", "declared_base", "elsewhere/oak")
    found = ask(planted, "oak-chat-tuned")
    [claimed] = found.claims
    assert (claimed.model, claimed.support) == (None, "undecided")
    assert claimed.why == "It is not registered."
    assert found.conclusion.verdict == "inconclusive"
    assert "names elsewhere/oak as its base. It is not registered." in found.conclusion.why
    assert "oak-chat" in depths(found.line), "what is known is told all the same"


def test_a_base_that_was_never_fingerprinted_is_undecided(planted: Database) -> None:
    with planted.write() as session:
        register(session, "unread")
    claim(planted, "oak-chat", "declared_base", "unread")
    [claimed] = ask(planted, "oak-chat").claims
    assert claimed.model is not None
    assert (claimed.support, claimed.why) == ("undecided", "It was never fingerprinted.")
    below_unread = (("oak-chat", "unread", "declared", "undecided"),)
    assert set(below_unread) <= edges(ask(planted, "oak-chat"))


def test_who_names_the_first_base_is_told_who_lies_between(planted: Database) -> None:
    date_all(planted)
    claim(planted, "oak-chat-tuned", "declared_base", "oak-base")
    found = ask(planted, "oak-chat-tuned")
    assert found.line[0].kin.model.name == "oak-base"
    assert {"oak-base", "oak-chat"} == set(depths(found.line))
    assert "oak-chat may lie between the two" in found.conclusion.why
    assert ("oak-chat-tuned", "oak-chat", "inferred", "supported") in edges(found)


def test_copies_are_one_relative_and_the_one_that_is_named_speaks_for_them(
    planted: Database,
) -> None:
    with planted.write() as session:
        copy = register(session, "oak-mirror", "digest of oak-base")
    claim(planted, "oak-base", "released", "2024-01")
    claim(planted, "oak-mirror", "released", "2025-01")
    claim(planted, "oak-chat", "released", "2024-03")
    claim(planted, "oak-chat", "declared_base", "oak-mirror")
    found = ask(planted, "oak-chat")
    [base] = found.line
    assert (base.kin.model, [one.name for one in base.kin.copies]) == (copy, ["oak-base"])
    assert base.kin.released[0].value == "2024-01", "the content was there by then"
    assert found.conclusion.verdict == "found"


def test_a_copy_of_the_model_is_an_ancestor_only_where_something_says_so(
    planted: Database,
) -> None:
    date_all(planted)
    with planted.write() as session:
        register(session, "oak-chat-mirror", "digest of oak-chat")
    silent = ask(planted, "oak-chat-mirror")
    assert "oak-chat" not in {*depths(silent.line), *depths(silent.undirected)}
    claim(planted, "oak-chat-mirror", "declared_base", "oak-chat")
    named = ask(planted, "oak-chat-mirror")
    assert depths(named.line) == {"oak-chat": 1, "oak-base": 2}
    assert named.line[0].judged.verdict == "same weights"
    assert named.claims[0].support == "supported"


def test_what_has_no_entry_has_no_ancestors(planted: Database) -> None:
    with planted.write() as session:
        register(session, "unread")
    with pytest.raises(NotFoundError, match="not_fingerprinted"):
        ask(planted, f"local:{FOLDER}/unread")


DATES = st.sampled_from(["2024-01", "2024-02", "2024-02-10", "2024-03"])
NAMES = st.sampled_from([*FAMILY, "stranger-1", "elsewhere/x"])
CLAIMS = st.dictionaries(
    st.sampled_from([*FAMILY]),
    st.tuples(st.lists(DATES, max_size=2), st.lists(NAMES, max_size=2)),
)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(claims=CLAIMS)
def test_whatever_is_claimed_the_two_sides_agree(
    planted_file: Path, tmp_path: Path, claims: dict[str, tuple[list[str], list[str]]]
) -> None:
    copied = shutil.copy(planted_file, Path(mkdtemp(dir=tmp_path)) / "claimed.db")
    opened = Database(f"sqlite:///{copied}")
    for name, (dates, bases) in claims.items():
        claim(opened, name, "released", *dates)
        claim(opened, name, "declared_base", *bases)
    up = {name: ask(opened, name) for name in FAMILY}
    down = {name: ask(opened, name, "descendant") for name in FAMILY}
    opened.close()
    for a in FAMILY:
        before = {one.kin.model.name for one in (*up[a].line, *up[a].beside)}
        for b in FAMILY:
            after = {one.kin.model.name for one in (*down[b].line, *down[b].beside)}
            assert (b in before) == (a in after)
        for one in (*up[a].line, *down[a].line, *up[a].undirected):
            sides = {reason.side for reason in one.judged.reasons}
            assert len(sides) == (0 if one.judged.direction == "unknown" else 1) or (
                one.judged.direction == "conflicting"
            )
        if up[a].conclusion.verdict == "found":
            assert up[a].line
        if up[a].conclusion.verdict == "none":
            assert (up[a].line, up[a].undirected) == ((), ())


def test_every_database_tells_the_same(database: Database) -> None:
    plant(database)
    declare_all(database)
    assert depths(ask(database, "oak-chat-tuned").line) == above("oak-chat-tuned")
    assert depths(ask(database, "oak-base", "descendant").line) == below("oak-base")


def test_without_a_reference_nothing_is_told(registry: Database) -> None:
    found = ask(registry, "child")
    assert found.conclusion.verdict == "inconclusive"
    assert "no reference yet" in found.conclusion.why
    assert {version for _, version in found.references} == {0}
