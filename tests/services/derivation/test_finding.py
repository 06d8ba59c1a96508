"""The derivation graph of a registry: the same as `ancestors` tell of each model alone."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.search.candidates import Candidates
from app.services.ancestry.finding import find_ancestry
from app.services.derivation.choosing import all_models, family_around, named_models
from app.services.derivation.finding import Graph, find_derivation
from app.store import models, schema
from app.store.database import Database
from tests.genealogy import FAMILY, claim, date_all, declare_all, plant, register

TRUE = {(child, parent) for child, parents in FAMILY.items() for parent in parents}


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
    opened = Database(f"sqlite:///{shutil.copy(planted_file, tmp_path / 'copy.db')}")
    yield opened
    opened.close()


def everything(database: Database) -> Graph:
    with database.read() as session:
        return find_derivation(session, all_models(session, None))


def names(graph: Graph) -> list[str]:
    return [content.model.name for content in graph.contents]


def pairs(graph: Graph, kind: str = "") -> set[tuple[str, str]]:
    known = names(graph)
    return {
        (known[edge.child], known[edge.parent])
        for edge in graph.derivation.edges
        if edge.holds and (not kind or edge.kind == kind)
    }


def standing(graph: Graph, name: str) -> str:
    return graph.derivation.places[names(graph).index(name)].standing


def test_dates_or_claims_tell_the_whole_genealogy(planted: Database) -> None:
    date_all(planted)
    dated = everything(planted)
    assert pairs(dated, "inferred") == TRUE
    assert len(dated.contents) == len(FAMILY) + 30
    assert {standing(dated, name) for name in ("oak-base", "stranger-0")} == {"founder"}
    declare_all(planted)
    assert pairs(everything(planted), "declared") == TRUE


def test_names_and_families(planted: Database) -> None:
    date_all(planted)
    with planted.read() as session:
        chosen = [models.find(session, name) for name in ("oak-code", "oak-base", "oak-blend")]
        found = find_derivation(session, named_models(session, chosen, None))
        assert names(found) == ["oak-code", "oak-base", "oak-blend"]
        assert {child for child, _ in pairs(found)} == {"oak-code", "oak-blend"}
        one = models.find(session, "oak-code")
        family = find_derivation(session, family_around(session, Candidates(), one, None, 50))
        assert set(names(family)) == set(FAMILY)
        assert pairs(family) == TRUE
        nearest = family_around(session, Candidates(), one, None, 1)
        assert len(nearest.contents) == 2


def test_declarations_lead_to_models_that_are_far_or_were_never_fingerprinted(
    planted: Database,
) -> None:
    with planted.write() as session:
        register(session, "unread")
        register(session, "unread-child")
    claim(planted, "oak-base", "declared_base", "unread")
    claim(planted, "unread-child", "declared_base", "oak-code")
    claim(planted, "oak-code", "declared_base", "stranger-1", "elsewhere/x")
    with planted.read() as session:
        one = models.find(session, "oak-code")
        family = find_derivation(session, family_around(session, Candidates(), one, None, 3))
    known = names(family)
    assert {"stranger-1", "unread-child", "oak-code"} <= set(known)
    unread = known.index("unread-child")
    assert family.contents[unread].entry is None
    edges = {(known[e.child], known[e.parent]): e.support for e in family.derivation.edges}
    assert edges["unread-child", "oak-code"] == "undecided"
    assert edges["oak-code", "stranger-1"] == "contradicted"
    assert standing(family, "unread-child") == "unplaced"
    whole = everything(planted)
    assert "unread" in names(whole)
    assert "elsewhere/x as its base. It is not registered." in str(whole.derivation)


def test_copies_are_one_model(planted: Database) -> None:
    date_all(planted)
    with planted.write() as session:
        register(session, "oak-mirror", "digest of oak-base")
    claim(planted, "oak-mirror", "declared_base", "oak-base")
    claim(planted, "oak-chat", "declared_base", "oak-mirror")
    found = everything(planted)
    base = next(one for one in found.contents if one.model.name == "oak-base")
    assert [copy.name for copy in base.copies] == ["oak-mirror"]
    assert ("oak-chat", "oak-base") in pairs(found, "declared")
    with planted.read() as session:
        chosen = [models.find(session, name) for name in ("oak-mirror", "oak-chat")]
        named = find_derivation(session, named_models(session, chosen, None))
    assert names(named) == ["oak-mirror", "oak-chat"]


def test_a_base_that_is_not_among_the_named_leaves_the_parent_open(planted: Database) -> None:
    date_all(planted)
    claim(planted, "oak-chat-tuned", "declared_base", "oak-chat")
    with planted.read() as session:
        chosen = [models.find(session, name) for name in ("oak-chat-tuned", "oak-base")]
        found = find_derivation(session, named_models(session, chosen, None))
    [edge] = found.derivation.edges
    assert not edge.directed
    assert edge.doubt.endswith("names oak-chat as its base. It is not in this graph.")


def test_without_a_reference_only_claims_are_drawn(registry: Database) -> None:
    with registry.read() as session:
        named = ("acme/wolf", "acme/wolf-chat", "beta/heron")
        chosen = [models.find(session, name) for name in named]
        found = find_derivation(session, named_models(session, chosen, None))
    assert found.reference_version == 0
    [edge] = found.derivation.edges
    assert (edge.kind, edge.support) == ("declared", "undecided")
    assert {place.standing for place in found.derivation.places} == {"unplaced"}


DATES = st.sampled_from(["2024-01", "2024-02", "2024-03"])
NAMES = st.sampled_from([*FAMILY, "stranger-1", "elsewhere/x"])
CLAIMS = st.dictionaries(
    st.sampled_from([*FAMILY]),
    st.tuples(st.lists(DATES, max_size=1), st.lists(NAMES, max_size=2)),
)


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(claims=CLAIMS)
def test_the_graph_does_not_contradict_the_ancestors(
    planted_file: Path, tmp_path: Path, claims: dict[str, tuple[list[str], list[str]]]
) -> None:
    copied = shutil.copy(planted_file, Path(mkdtemp(dir=tmp_path)) / "claimed.db")
    opened = Database(f"sqlite:///{copied}")
    for name, (dates, bases) in claims.items():
        claim(opened, name, "released", *dates)
        claim(opened, name, "declared_base", *bases)
    graph = everything(opened)
    with opened.read() as session:
        for child in FAMILY:
            found = find_ancestry(session, Candidates(), models.find(session, child), "ancestor", 9)
            above = {one.kin.model.name for one in found.line}
            declared = {(e.child.name, e.parent.name): e.support for e in found.edges
                        if e.kind == "declared"}  # fmt: skip
            known = names(graph)
            for edge in graph.derivation.edges:
                ends = known[edge.child], known[edge.parent]
                if edge.kind == "declared" and ends in declared:
                    assert edge.support == declared[ends]
                if edge.holds and edge.kind == "inferred" and ends[0] == child:
                    assert ends[1] in above
    opened.close()


def test_every_database_tells_the_same(database: Database) -> None:
    plant(database)
    date_all(database)
    assert pairs(everything(database)) == TRUE
