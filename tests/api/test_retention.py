"""Where responses are no longer kept, what needs them says so, and all else goes on."""

import pytest
from starlette.testclient import TestClient

from app.search.candidates import Candidates
from app.services.invariants.examining import Scope, examine
from app.store import retention
from app.store.database import Database
from tests.api.conftest import make_app


@pytest.fixture
def pruned(registry: Database, tmp_path: object) -> TestClient:
    with registry.write() as session:
        assert retention.prune(session, 0, 1000)
    return TestClient(make_app(registry, tmp_path))  # type: ignore[arg-type]


def test_only_evidence_of_answers_is_gone(pruned: TestClient, registry: Database) -> None:
    with pruned as client:
        a, b = "acme/wolf", "acme/wolf-chat"
        gone = client.get("/v1/evidence", params={"a": a, "b": b})
        assert gone.status_code == 410
        assert gone.json()["code"] == "responses_pruned"
        pair = {"a": "founder", "b": "child", "protocol": "likelihood-v1"}
        assert client.get("/v1/evidence", params=pair).status_code == 200, "words are in strands"
        for path, query in (
            ("/v1/relatives", {"model": a}),
            ("/v1/compare", {"a": a, "b": b}),
            ("/v1/dna", {"model": a}),
            ("/v1/ancestors", {"model": b}),
        ):
            assert client.get(path, params=query).status_code == 200, path
    found = examine(registry, Scope(Candidates(), everything=True), repair=False)
    assert not [one for one in found if one.findings]
