"""Declared families: whoever is joined by a chain of claims leaves the null together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dna.protocol import Protocol
from app.records import Claim, ModelRef
from app.services.declared_families import _root, declared_families
from app.store import entries, models, protocols
from app.store.database import Database
from tests.store.making import answers_protocol, make_finding

MINE = answers_protocol()
NAMES = [f"m{number}" for number in range(8)]
# Each declares one base or none; some declare themselves.
CLAIMS = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(NAMES), max_size=8)


@given(CLAIMS)
def test_a_family_is_all_that_claims_connect(bases: dict[str, str]) -> None:
    joined = {name: {name} for name in NAMES}
    for name, base in bases.items():
        both = joined[name] | joined[base]
        for one in both:
            joined[one] = both
    roots = {name: _root(name, bases) for name in NAMES}
    for a in NAMES:
        assert roots[a] in joined[a]
        for b in NAMES:
            assert (roots[a] == roots[b]) == (b in joined[a])


def families(database: Database, declared: dict[str, str], protocol: Protocol = MINE) -> list[str]:
    """The families of models by these refs or labels, with what each declares ("" for nothing)."""
    with database.write() as session:
        stored = protocols.ensure(session, protocol)
        findings = []
        for number, (name, base) in enumerate(declared.items()):
            model = models.register(session, ModelRef("import", name, f"{number:016}"))
            model = models.set_content(session, model.id, f"digest {number} of {name}", {})
            if base:
                models.add_claims(session, model.id, [Claim("declared_base", base, "hub")])
            findings.append(make_finding(model, stored, [name, str(number)]))
        added = [entry for entry, _ in entries.add(session, findings)]
        return declared_families(session, added)


@pytest.mark.parametrize(
    ("declared", "wanted"),
    [
        ({"acme/Wolf": "", "owl": ""}, ["wolf", "owl"]),
        ({"a/chat": "a/tuned", "a/tuned": "a/base", "a/base": ""}, ["base"] * 3),
        ({"chat": "acme/Wolf@0123", "other/WOLF": ""}, ["wolf", "wolf"]),
        ({"chat": "nobody/knows", "code": "Knows"}, ["knows", "knows"]),
        ({"b": "a", "c": "b", "a": "c", "d": "b", "e": ""}, ["a", "a", "a", "a", "e"]),
        ({"self": "self", "kin": "x/self"}, ["self", "self"]),
    ],
    ids=["none", "chain", "names", "unknown", "ring", "itself"],
)
def test_the_last_base_is_the_family(
    database: Database, declared: dict[str, str], wanted: list[str]
) -> None:
    assert families(database, declared) == wanted


def test_bases_between_need_no_entry(database: Database) -> None:
    with database.write() as session:
        between = models.register(session, ModelRef("hf", "acme/tuned", "1"))
        models.add_claims(session, between.id, [Claim("declared_base", "acme/base", "hub")])
    assert families(database, {"chat": "acme/tuned", "base": ""}) == ["base", "base"]


def test_of_copies_the_oldest_gives_the_name(database: Database) -> None:
    with database.write() as session:
        stored = protocols.ensure(session, MINE)
        for name, base in (("wolf", "beast"), ("renamed", "")):
            model = models.register(session, ModelRef("import", name, "1"))
            model = models.set_content(session, model.id, "same", {})
            if base:
                models.add_claims(session, model.id, [Claim("declared_base", base, "hub")])
        [(entry, _)] = entries.add(session, [make_finding(model, stored, ["a", "b"])])
        assert declared_families(session, [entry]) == ["beast"]
        assert declared_families(session, []) == []
