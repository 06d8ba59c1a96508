"""Models by every name that people use, and the claims about them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.errors import ConflictError, NotFoundError
from app.records import Claim, ModelRecord, ModelRef
from app.store import models
from app.store.database import Database
from tests.store.making import make_model

REFS = [
    ModelRef("import", "acme/Wolf-7B", "1" * 16),
    ModelRef("import", "beta/wolf-7b", "1" * 16),
    ModelRef("import", "wolf", "1" * 16),
    ModelRef("import", "heron@home", "1" * 16),
    ModelRef("local", "/models/heron", "1" * 16),
    ModelRef("local", "/other/Owl", "1" * 16),
]


@pytest.fixture
def known(database: Database) -> dict[str, ModelRecord]:
    with database.write() as session:
        return {ref.name: models.register(session, ref) for ref in REFS}


def find(database: Database, name: str) -> ModelRecord:
    with database.read() as session:
        return models.find(session, name)


MEANS = {
    "acme/Wolf-7B": "acme/Wolf-7B",
    "ACME/wolf-7b": "acme/Wolf-7B",
    "import:acme/Wolf-7B": "acme/Wolf-7B",
    "import:acme/Wolf-7B@1111111111111111": "acme/Wolf-7B",
    "wolf": "wolf",
    "heron@home": "heron@home",
    "import:heron@home": "heron@home",
    "import:heron@home@1111111111111111": "heron@home",
    "heron": "/models/heron",
    "local:/models/heron": "/models/heron",
    "local:/models/heron@1111111111111111": "/models/heron",
    "owl": "/other/Owl",
}


def test_any_name_that_is_not_ambiguous_does(
    database: Database, known: dict[str, ModelRecord]
) -> None:
    assert {name: find(database, name).ref.name for name in MEANS} == MEANS
    assert [find(database, model.id) for model in known.values()] == [*known.values()]


def test_a_name_of_several_is_ambiguous_and_a_ref_is_not(
    database: Database, known: dict[str, ModelRecord]
) -> None:
    with pytest.raises(ConflictError, match="ambiguous_model") as error:
        find(database, "Wolf-7b")
    for name in ("acme/Wolf-7B", "beta/wolf-7b"):
        assert str(known[name].ref) in error.value.detail
    with database.write() as session:
        models.register(session, ModelRef("local", "/elsewhere/wolf", "1" * 16))
    with pytest.raises(ConflictError, match="ambiguous_model"):
        find(database, "wolf")
    assert find(database, "local:/elsewhere/wolf").ref.source == "local"
    assert find(database, "import:wolf").ref.source == "import"


NEAR = {
    "heronn": "heron",
    "acme/wolf-7": "acme/Wolf-7B",
    "local:/models/Heron": "heron",
    "local:/elsewhere/owls": "Owl",
    "import:acme/wolf-7b": "acme/Wolf-7B",
}


@pytest.mark.usefixtures("known")
def test_a_miss_names_what_is_near(database: Database) -> None:
    for name, near in NEAR.items():
        with pytest.raises(NotFoundError, match="no_such_model") as error:
            find(database, name)
        assert near in error.value.near, name
    for name in ("mdl_unknown", "zzz", "", "%", "wolf_7b", "local:", "import:@"):
        with pytest.raises(NotFoundError, match="no_such_model"):
            find(database, name)


def test_of_several_revisions_the_newest_is_meant(database: Database) -> None:
    for revision in ("b" * 16, "a" * 16):
        with database.write() as session:
            models.register(session, ModelRef("local", "/models/heron", revision))
    for name in ("heron", "local:/models/heron"):
        assert find(database, name).ref.revision == "a" * 16
    assert find(database, f"local:/models/heron@{'b' * 16}").ref.revision == "b" * 16


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    label=st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
)
def test_whatever_was_registered_is_found_by_its_ref_and_id(database: Database, label: str) -> None:
    ref = ModelRef("import", label, "0" * 16)
    with database.write() as session:
        model = models.register(session, ref)
        assert models.register(session, ref) == model
    assert model.ref == ref
    assert find(database, str(ref)) == find(database, model.id) == model


def test_content_is_written_once_it_was_read(database: Database) -> None:
    with database.write() as session:
        model = models.register(session, REFS[0])
        assert (model.digest, model.details) == (None, {})
        read = models.set_content(session, model.id, "d" * 64, {"n_parameters": 7})
    assert (read.digest, read.details) == ("d" * 64, {"n_parameters": 7})
    assert find(database, model.id) == read


def test_copies_come_oldest_first(database: Database) -> None:
    with database.write() as session:
        first = make_model(session, "first", "same")
        second = make_model(session, "second", "same")
        make_model(session, "other", "another")
        found = models.by_digest(session, ["same", "unknown"])
        assert models.by_ids(session, [second.id, "mdl_unknown"]) == {second.id: second}
    assert found == {"same": [first, second]}


def test_pages_hold_every_model_once(database: Database) -> None:
    with database.write() as session:
        made = {make_model(session, f"m{number}").id for number in range(8)}
    seen: list[str] = []
    with database.read() as session:
        while page := models.page(session, seen[-1] if seen else None, 3):
            seen += [model.id for model in page]
    assert seen == sorted(made)


def test_claims_are_added_and_never_replaced(database: Database) -> None:
    mit = Claim("licence", "mit", "model card")
    base = Claim("declared_base", "acme/wolf", "model card")
    told = Claim("declared_base", "acme/wolf", "submitter")
    apache = Claim("licence", "apache-2.0", "submitter")
    with database.write() as session:
        model, other = make_model(session, "m"), make_model(session, "other")
        models.add_claims(session, model.id, [mit, base, base])
    with database.write() as session:
        models.add_claims(session, model.id, [mit, told, apache])
        models.add_claims(session, model.id, [])
    with database.read() as session:
        claims = models.claims_of(session, model.id)
        assert models.claims_of_each(session, [model.id, other.id]) == {model.id: claims}
        assert models.claims_of(session, other.id) == []
    assert [claim.kind for claim in claims] == ["declared_base"] * 2 + ["licence"] * 2
    assert set(claims) == {mit, base, told, apache}
    assert claims[2:] == [mit, apache], "the oldest first"


@pytest.mark.usefixtures("known")
def test_a_name_may_mean_several_models_or_none(database: Database) -> None:
    with database.read() as session:
        meant = {
            name: [model.ref.name for model in models.meant(session, name)]
            for name in (
                "wolf-7b",
                "ACME/wolf-7b",
                "local:/models/heron",
                "import:acme/wolf",
                "puma",
            )
        }
    assert {name: sorted(several) for name, several in meant.items()} == {
        "wolf-7b": ["acme/Wolf-7B", "beta/wolf-7b"],
        "ACME/wolf-7b": ["acme/Wolf-7B"],
        "local:/models/heron": ["/models/heron"],
        "import:acme/wolf": [],
        "puma": [],
    }


def test_claimants_are_those_of_whom_it_is_claimed(database: Database) -> None:
    with database.write() as session:
        made = [make_model(session, f"m{number}") for number in range(3)]
        for model, base in zip(made, ("Acme/Wolf", "acme/wolf", "acme/heron"), strict=True):
            models.add_claims(session, model.id, [Claim("declared_base", base, "hub")])
        models.add_claims(session, made[0].id, [Claim("declared_base", "acme/wolf", "submitter")])
        models.add_claims(session, made[2].id, [Claim("licence", "acme/wolf", "hub")])

        def ask(*values: str, limit: int = 9) -> list[ModelRecord]:
            return models.claimants(session, "declared_base", values, limit)

        assert ask("ACME/wolf", "nobody") == made[:2]
        assert ask("acme/wolf", "acme/heron", limit=2) == made[:2]
        assert ask("acme/wolf", "acme/heron") == made
        assert ask() == []


def test_declared_bases_are_found_by_the_last_part_of_a_name(database: Database) -> None:
    with database.write() as session:
        of = {label: make_model(session, label) for label in ("acme/Wolf-Chat", "beta/owl", "owl")}
        for label, base in (
            ("acme/Wolf-Chat", "acme/wolf"),
            ("acme/Wolf-Chat", "zeta/heron"),
            ("beta/owl", "beta/heron"),
        ):
            models.add_claims(session, of[label].id, [Claim("declared_base", base, "hub")])
        models.add_claims(session, of["owl"].id, [Claim("licence", "mit", "hub")])
        assert models.declared_bases(session, ["wolf-chat", "owl", "nobody"]) == {
            "wolf-chat": "acme/wolf",
            "owl": "beta/heron",
        }
        assert models.declared_bases(session, ["acme/Wolf-Chat", "Wolf-Chat"]) == {}
        assert models.declared_bases(session, []) == {}


def test_claimants_are_found_through_an_index(database: Database) -> None:
    asked = "SELECT model_id FROM claims WHERE kind = 'licence' AND lower(value) IN ('a', 'b')"
    with database.read() as session:
        if not database.is_sqlite:  # Of no rows PostgreSQL would read all.
            session.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        plan = session.execute(text(f"{explain} {asked}")).all()
    assert "ix_claims_kind_lower_value" in str(plan)
