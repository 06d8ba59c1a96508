"""Which models a graph is of, and what cannot be asked."""

import pytest

from app.errors import InputError, NotFoundError
from app.search.candidates import Candidates
from app.services.derivation import choosing
from app.services.derivation.choosing import all_models, family_around, named_models
from app.services.known_protocols import find as find_protocol
from app.store import models
from app.store.database import Database
from tests.synthetic import FAMILY, PROTOCOL


def test_all_models_of_a_protocol(registry: Database) -> None:
    with registry.read() as session:
        best = all_models(session, None)
        assert best.protocol.name == "likelihood-v1"
        assert {one.model.name for one in best.contents} == {"founder", "child", "stranger"}
        other = all_models(session, find_protocol(session, PROTOCOL))
        assert {one.model.name for one in other.contents} == set(FAMILY)


def test_named_models_meet_under_the_best_protocol_that_they_share(registry: Database) -> None:
    with registry.read() as session:
        local = [models.find(session, name) for name in ("founder", "child")]
        assert named_models(session, local, None).protocol.name == "likelihood-v1"
        lexical = named_models(session, local, find_protocol(session, "lexical-v1"))
        assert lexical.protocol.name == "lexical-v1"
        imported = [models.find(session, name) for name in ("acme/wolf", "beta/wolf")]
        assert named_models(session, imported, None).protocol.name == PROTOCOL


def test_what_cannot_be_asked(registry: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with registry.read() as session:
        wolf, founder = (models.find(session, name) for name in ("acme/wolf", "founder"))
        likelihood = find_protocol(session, "likelihood-v1")
        with pytest.raises(InputError, match=r"named_twice.*founder is named twice"):
            named_models(session, [founder, founder], None)
        with pytest.raises(InputError, match=r"no_shared_protocol.*share no protocol"):
            named_models(session, [wolf, founder], None)
        with pytest.raises(InputError, match=r"too_few_models.*needs two models"):
            named_models(session, [founder], None)
        with pytest.raises(NotFoundError, match="not_fingerprinted"):
            named_models(session, [wolf, founder], likelihood)
        with pytest.raises(NotFoundError, match="not_fingerprinted"):
            family_around(session, Candidates(), wolf, likelihood, 5)
        monkeypatch.setattr(choosing, "MOST_GRAPH", 2)
        with pytest.raises(InputError, match=r"too_many_models.*name some"):
            all_models(session, None)


def test_an_empty_registry_has_no_graph(database: Database) -> None:
    with database.read() as session:
        with pytest.raises(NotFoundError, match="no_entries"):
            all_models(session, None)
        with pytest.raises(InputError, match="too_few_models"):
            all_models(session, find_protocol(session, "likelihood-v1"))


def test_a_model_without_relatives_is_its_own_family(registry: Database) -> None:
    with registry.read() as session:
        stranger = models.find(session, "stranger")
        found = family_around(session, Candidates(), stranger, None, 5)
        assert [one.model.name for one in found.contents] == ["stranger"]
