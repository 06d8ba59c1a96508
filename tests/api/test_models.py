"""Models over HTTP: handing in, listing, looking up."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.api.test_problems import problem_of
from tests.synthetic import FAMILY, LOCAL

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
        ("org/name", 422, "unsupported_source"),
        ("hf:org/name", 422, "unsupported_source"),
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
            "id", "seq", "protocol", "evidence", "environment", "notes", "created_at",
        }  # fmt: skip
        assert entry["evidence"] == "weights"


def test_the_latest_jobs_of_a_model(client: TestClient, model_ref: str) -> None:
    sent = client.post("/v1/models", json={"model": model_ref}).json()
    full = client.get(f"/v1/models/{sent['model']['id']}").json()
    assert full["jobs"] == [sent["job"]]
    assert full["entries"] == []
    assert full["digest"] is None
