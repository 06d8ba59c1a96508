"""Declared bases: which registered models the words of a claim mean, and who says them."""

from collections.abc import Iterable

import pytest

from app.lineage.dates import Dated
from app.lineage.descent import MOST_STEPS
from app.records import Claim, ModelRecord, ModelRef
from app.services.ancestry.declarations import (
    AMBIGUOUS,
    ITSELF,
    NOT_REGISTERED,
    Declarations,
    DeclaredBase,
)
from app.store import models
from app.store.database import Database, Session

HUB = ModelRef("hf", "acme/wolf", "1" * 40)
REFS = [
    HUB,
    ModelRef("hf", "beta/wolf", "2" * 40),
    ModelRef("hf", "acme/heron", "3" * 40),
    ModelRef("import", "acme/wolf", "4" * 16),
    ModelRef("local", "/models/here/wolf", "5" * 16),
    ModelRef("local", "/models/there/wolf", "6" * 16),
    ModelRef("local", "/models/there/owl", "7" * 16),
]
ADAPTER = ModelRef("local", "/models/here/adapter", "8" * 16)
FINE_TUNE = ModelRef("hf", "gamma/wolf-chat", "9" * 40)
IMPORT = ModelRef("import", "wolf-chat", "a" * 16)


def register(session: Session, ref: ModelRef, bases: Iterable[str] = ()) -> ModelRecord:
    model = models.register(session, ref)
    models.add_claims(session, model.id, [Claim("declared_base", base, "hub") for base in bases])
    return model


def only_base(database: Database, ref: ModelRef, value: str) -> DeclaredBase:
    with database.write() as session:
        for known in REFS:
            models.register(session, known)
        model = register(session, ref, [value])
        [base] = Declarations(session).bases(model)
        return base


@pytest.mark.parametrize(
    ("ref", "value", "meant"),
    [
        (FINE_TUNE, "acme/wolf", "hf:acme/wolf"),
        (FINE_TUNE, "hf:acme/wolf", "hf:acme/wolf"),
        (FINE_TUNE, f"acme/wolf@{'1' * 40}", "hf:acme/wolf"),
        (FINE_TUNE, "import:acme/wolf", "import:acme/wolf"),
        (FINE_TUNE, "owl", "local:/models/there/owl"),
        (FINE_TUNE, "ACME/Heron", "hf:acme/heron"),
        (IMPORT, "acme/wolf", "import:acme/wolf"),
        (IMPORT, "acme/heron", "hf:acme/heron"),
        (ADAPTER, "wolf", "local:/models/here/wolf"),
        (ADAPTER, "../wolf", "local:/models/here/wolf"),
        (ADAPTER, "/models/there/wolf", "local:/models/there/wolf"),
        (ADAPTER, "acme/wolf", "hf:acme/wolf"),
        (ADAPTER, "heron", "hf:acme/heron"),
    ],
)
def test_a_name_means_what_is_nearest_to_whoever_says_it(
    database: Database, ref: ModelRef, value: str, meant: str
) -> None:
    base = only_base(database, ref, value)
    assert base.model is not None
    assert f"{base.model.ref.source}:{base.model.ref.name}" == meant
    assert (base.value, base.sources, base.missing) == (value, ("hub",), "")


@pytest.mark.parametrize(
    ("ref", "value", "why"),
    [
        (FINE_TUNE, "acme/puma", NOT_REGISTERED),
        (FINE_TUNE, "mdl_nobody", NOT_REGISTERED),
        (FINE_TUNE, "delta/wolf", NOT_REGISTERED),
        (FINE_TUNE, "wolf", AMBIGUOUS),
        (FINE_TUNE, "gamma/wolf-chat", ITSELF),
        (ADAPTER, "../../../../etc/passwd", NOT_REGISTERED),
    ],
)
def test_what_means_no_model_says_why(
    database: Database, ref: ModelRef, value: str, why: str
) -> None:
    assert only_base(database, ref, value).missing == why
    assert only_base(database, ref, value).model is None


def test_the_sources_of_one_name_are_told_together_and_dates_by_trust(database: Database) -> None:
    with database.write() as session:
        parent = register(session, HUB)
        model = register(session, FINE_TUNE, ["acme/wolf"])
        more = [
            Claim("declared_base", "acme/wolf", "submitter"),
            Claim("released", "2024-01", "submitter"),
            Claim("released", "2024-02-03", "hub"),
        ]
        models.add_claims(session, model.id, more)
        claims = Declarations(session)
        [base] = claims.bases(model)
        assert set(base.sources) == {"hub", "submitter"}
        assert claims.parents(model.id) == [parent.id]
        assert set(claims.sources(model.id, parent.id)) == {"hub", "submitter"}
        assert claims.dates(model) == (Dated("2024-02-03", "hub"), Dated("2024-01", "submitter"))
        assert claims.dates(parent) == ()


def test_children_are_those_whose_words_mean_the_model(database: Database) -> None:
    with database.write() as session:
        for known in REFS:
            models.register(session, known)
        child = register(session, FINE_TUNE, ["acme/wolf"])
        grandchild = register(session, ModelRef("hf", "gamma/wolf-q8", "b" * 40), [str(FINE_TUNE)])
        local = register(session, ADAPTER, ["wolf"])
        imported = register(session, IMPORT, ["acme/wolf"])
        claims = Declarations(session)
        wolf = models.register(session, HUB)
        assert claims.children(wolf) == {
            wolf.id: [child.id], child.id: [grandchild.id], grandchild.id: [],
        }  # fmt: skip
        beside = models.register(session, ModelRef("local", "/models/here/wolf", "5" * 16))
        assert claims.children(beside)[beside.id] == [local.id]
        same_label = models.register(session, ModelRef("import", "acme/wolf", "4" * 16))
        assert claims.children(same_label)[same_label.id] == [imported.id]


def test_circles_and_long_lines_of_children_end(database: Database) -> None:
    with database.write() as session:
        refs = [ModelRef("import", f"m{number}", "0" * 16) for number in range(MOST_STEPS + 5)]
        made = [
            register(session, ref, [f"m{number - 1}"] if number else [f"m{len(refs) - 1}"])
            for number, ref in enumerate(refs)
        ]
        found = Declarations(session).children(made[3])
        assert list(found) == [model.id for model in made[3 : 3 + MOST_STEPS]]
        pair = [
            register(session, ModelRef("import", a, "0" * 16), [b])
            for a, b in (("x", "y"), ("y", "x"))
        ]
        assert set(Declarations(session).children(pair[0])) == {model.id for model in pair}
