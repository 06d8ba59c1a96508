"""Models over HTTP: handing in, listing, looking up."""

import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.store.database import Database
from tests.api.test_problems import problem_of
from tests.hub.server import Hub
from tests.synthetic import FAMILY, LOCAL, PROTOCOL

MODEL = {
    "id", "ref", "name", "source", "revision", "digest", "details", "claims", "created_at",
}  # fmt: skip
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def test_handing_in_makes_a_job(client: TestClient, model_ref: str) -> None:
    claims = {"declared_base": "acme/wolf", "licence": "mit", "released": "2024-05"}
    response = client.post("/v1/models", json={"model": model_ref, "claims": claims})
    assert response.status_code == 202
    assert response.headers["retry-after"] == "1"
    model, job = response.json()["model"], response.json()["job"]
    assert response.headers["location"] == f"/v1/jobs/{job['id']}"
    assert client.get(response.headers["location"]).json() == job
    assert model["name"] == "tiny-model"
    assert model["ref"].startswith(f"{model_ref}@")
    assert {c["kind"]: (c["value"], c["source"]) for c in model["claims"]} == {
        kind: (value, "submitter") for kind, value in claims.items()
    }
    assert job["model"] == {"id": model["id"], "name": "tiny-model"}
    assert (job["state"], job["protocols"]) == ("queued", ["likelihood-v1", "lexical-v1"])


def test_handing_in_again_finds_the_job(client: TestClient, model_ref: str) -> None:
    first = client.post("/v1/models", json={"model": model_ref})
    again = client.post("/v1/models", json={"model": model_ref})
    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    assert "retry-after" not in again.headers


def test_a_cancelled_job_does_not_stand_in_the_way(client: TestClient, model_ref: str) -> None:
    first = client.post("/v1/models", json={"model": model_ref})
    client.delete(first.headers["location"])
    again = client.post("/v1/models", json={"model": model_ref})
    assert again.status_code == 202
    assert again.json()["model"] == first.json()["model"]
    assert again.json()["job"]["id"] != first.json()["job"]["id"]


@pytest.mark.parametrize(
    ("ref", "status", "code"),
    [
        ("name", 422, "bad_model_ref"),
        ("endpoint:nowhere/model", 404, "no_such_endpoint"),
        ("endpoint:\0/model", 422, "bad_model_ref"),
        ("import:label", 422, "unsupported_source"),
        ("local:", 422, "bad_model_ref"),
        ("local:/etc", 403, "outside_roots"),
        ("local:relative", 403, "outside_roots"),
        ("{ref}/../..", 403, "outside_roots"),
        ("{ref}/nix", 422, "no_such_directory"),
        ("{ref}/config.json", 422, "no_such_directory"),
        ("{ref}\0", 422, "no_such_directory"),
        ("{ref}/\u202e", 422, "no_such_directory"),
    ],
)
def test_refs_that_are_refused(
    client: TestClient, model_ref: str, ref: str, status: int, code: str
) -> None:
    before = client.get("/v1/models").json()
    sent = ref.replace("{ref}", model_ref)
    problem_of(client.post("/v1/models", json={"model": sent}), status, code)
    assert client.get("/v1/models").json() == before
    assert client.get("/v1/jobs").json()["data"] == []


def test_a_model_of_the_hub_is_pinned_to_its_commit(
    client: TestClient, hub: Hub, hub_folder: Path
) -> None:
    commit = hub.publish("acme/tiny-wolf", hub_folder, cardData={"license": "mit"})
    first = client.post("/v1/models", json={"model": "acme/tiny-wolf"})
    assert first.status_code == 202
    model = first.json()["model"]
    assert model["ref"] == f"hf:acme/tiny-wolf@{commit}"
    assert (model["name"], model["source"], model["revision"]) == ("acme/tiny-wolf", "hf", commit)
    assert {"kind": "licence", "value": "mit", "source": "hub"} in model["claims"]
    for ref in ("hf:acme/tiny-wolf", "acme/tiny-wolf@main", f"hf:acme/tiny-wolf@{commit}"):
        again = client.post("/v1/models", json={"model": ref})
        assert (again.status_code, again.json()["job"]) == (200, first.json()["job"])
    newer = hub.publish("acme/tiny-wolf", hub_folder)
    moved = client.post("/v1/models", json={"model": "acme/tiny-wolf"})
    assert (moved.status_code, moved.json()["model"]["revision"]) == (202, newer)


@pytest.mark.parametrize(
    ("ref", "status", "code"),
    [
        ("acme/nothing", 404, "no_such_hub_model"),
        ("acme/tiny@v9", 404, "no_such_revision"),
        ("hf:acme/tiny@a..b", 422, "bad_hub_revision"),
        ("hf:acme--tiny", 422, "bad_hub_name"),
        ("acme/gated", 403, "gated"),
        ("acme/closed", 403, "disabled"),
        ("acme/bare", 422, "not_a_model"),
    ],
)
def test_models_that_the_hub_does_not_give(
    client: TestClient, hub: Hub, hub_folder: Path, ref: str, status: int, code: str
) -> None:
    hub.publish("acme/tiny", hub_folder)
    hub.publish("acme/gated", hub_folder, readers=frozenset({"somebody"}))
    hub.publish("acme/closed", hub_folder, disabled=True)
    (hub_folder / "config.json").unlink()
    hub.publish("acme/bare", hub_folder)
    problem_of(client.post("/v1/models", json={"model": ref}), status, code)
    assert client.get("/v1/models").json()["data"] == []


def test_a_hub_that_is_away_may_be_asked_again_later(
    client: TestClient, hub: Hub, hub_folder: Path
) -> None:
    hub.publish("acme/tiny", hub_folder)
    hub.fail("acme/tiny", status=503, headers={"Retry-After": "3600"})
    away = client.post("/v1/models", json={"model": "acme/tiny"})
    problem_of(away, 503, "hub_unavailable")
    assert int(away.headers["retry-after"]) > 0
    assert client.post("/v1/models", json={"model": "acme/tiny"}).status_code == 202


def test_protocols_may_be_named(client: TestClient, model_ref: str) -> None:
    wish = {"model": model_ref, "protocols": ["lexical-sampled-v1", "likelihood-v1"]}
    asked = client.post("/v1/models", json=wish).json()["job"]
    assert asked["protocols"] == ["lexical-sampled-v1", "likelihood-v1"]
    twice = client.post("/v1/models", json={"model": model_ref, "protocols": ["likelihood-v1"] * 2})
    assert twice.json()["job"]["protocols"] == ["likelihood-v1"]


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [("lexical-v2", 404, "no_such_protocol"), (PROTOCOL, 422, "not_askable")],
)
def test_protocols_that_nobody_can_be_asked(
    client: TestClient, registry: Database, model_ref: str, name: str, status: int, code: str
) -> None:
    wish = {"model": model_ref, "protocols": ["lexical-v1", name]}
    problem_of(client.post("/v1/models", json=wish), status, code)
    assert client.get("/v1/jobs").json()["data"] == []


def test_a_model_is_asked_again(client: TestClient, model_ref: str) -> None:
    def hand_in(replicates: int) -> tuple[int, list[dict[str, Any]]]:
        wish = {"model": model_ref, "replicates": replicates}
        answer = client.post("/v1/models", json=wish)
        body = answer.json()
        return answer.status_code, [body["job"], *body["replicates"]]

    status, begun = hand_in(2)
    assert status == 202
    assert [(job["kind"], job["replicate"]) for job in begun] == [
        ("extract", None),
        ("replicate", 1),
        ("replicate", 2),
    ]
    assert len({job["id"] for job in begun}) == 3
    assert {tuple(job["protocols"]) for job in begun} == {("likelihood-v1", "lexical-v1")}
    assert hand_in(2) == (200, begun)
    status, more = hand_in(3)
    assert (status, more[:3], more[3]["replicate"]) == (202, begun, 3)
    assert hand_in(0) == (200, begun[:1])


def test_a_link_to_a_name_that_cannot_be_shown_is_refused(
    client: TestClient, model_ref: str
) -> None:
    hidden = Path(model_ref.removeprefix("local:")) / "a\u202eb"
    hidden.mkdir()
    link = hidden.with_name("link")
    link.symlink_to(hidden)
    problem_of(client.post("/v1/models", json={"model": f"local:{link}"}), 422, "bad_model_ref")


@pytest.mark.parametrize("limit", [1, 2, 4, 9, 10])
def test_pages_hold_every_model_once(reader: TestClient, limit: int) -> None:
    seen, path, pages = [], f"/v1/models?limit={limit}", 0
    while path:
        response = reader.get(path)
        page = response.json()
        assert len(page["data"]) <= limit
        seen += [model["name"] for model in page["data"]]
        link = response.links.get("next", {}).get("url")
        assert (link is None) == (page["next_cursor"] is None)
        path, pages = link or "", pages + 1
    assert sorted(seen) == sorted([*FAMILY, *LOCAL])
    whole = reader.get("/v1/models?limit=200").json()["data"]
    assert seen == [model["name"] for model in whole]
    assert pages == -(-len(seen) // limit)


def test_a_cursor_of_another_list_is_refused(reader: TestClient) -> None:
    cursor = reader.get("/v1/models?limit=1").json()["next_cursor"]
    for path in ("/v1/jobs", "/v1/jobs?state=queued"):
        problem_of(reader.get(path, params={"cursor": cursor}), 404, "bad_cursor")


def test_the_model_of_a_name(reader: TestClient) -> None:
    found = reader.get("/v1/models", params={"model": "BETA/heron"}).json()
    assert found["next_cursor"] is None
    [model] = found["data"]
    assert set(model) == MODEL
    assert (model["name"], model["source"]) == ("beta/heron", "import")
    assert re.fullmatch(MOMENT, model["created_at"])
    for name in (model["id"], model["ref"], "heron"):
        assert reader.get("/v1/models", params={"model": name}).json() == found


def test_a_model_in_full(reader: TestClient) -> None:
    [model] = reader.get("/v1/models?model=founder").json()["data"]
    full = reader.get(f"/v1/models/{model['id']}").json()
    assert {key: full.pop(key) for key in MODEL} == model
    assert set(full) == {"entries", "jobs"}
    assert full["jobs"] == []
    assert [entry["protocol"]["name"] for entry in full["entries"]] == [
        "likelihood-v1",
        "lexical-v1",
    ]
    for entry in full["entries"]:
        assert set(entry) == {
            "id", "seq", "protocol", "evidence", "environment", "notes", "noise", "created_at",
        }  # fmt: skip
        assert entry["evidence"] == "weights"
        assert entry["noise"] is None


def test_the_latest_jobs_of_a_model(client: TestClient, model_ref: str) -> None:
    sent = client.post("/v1/models", json={"model": model_ref}).json()
    full = client.get(f"/v1/models/{sent['model']['id']}").json()
    assert full["jobs"] == [sent["job"]]
    assert full["entries"] == []
    assert full["digest"] is None
