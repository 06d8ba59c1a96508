"""Strong ETags and 304."""

import hashlib

import pytest
from starlette.testclient import TestClient

PATHS = (
    "/v1/models",
    "/v1/models?model=founder",
    "/v1/relatives?model=founder",
    "/v1/compare?a=founder&b=child",
    "/v1/tree",
    "/v1/tree?format=newick",
    "/v1/protocols",
    "/v1/jobs",
)


@pytest.mark.parametrize("path", PATHS)
def test_what_is_known_is_not_sent_again(reader: TestClient, path: str) -> None:
    first = reader.get(path)
    assert first.status_code == 200
    tag = first.headers["etag"]
    assert tag == f'"{hashlib.sha256(first.content).hexdigest()}"'
    again = reader.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    assert "content-type" not in again.headers


@pytest.mark.parametrize("header", ["*", "W/{}", '"x", {}', '{} , W/"y"'])
def test_headers_that_name_it(reader: TestClient, header: str) -> None:
    tag = reader.get("/v1/models").headers["etag"]
    known = {"If-None-Match": header.format(tag)}
    assert reader.get("/v1/models", headers=known).status_code == 304


@pytest.mark.parametrize("header", ["", '"x"', "x, *", '""'])
def test_headers_that_do_not(reader: TestClient, header: str) -> None:
    response = reader.get("/v1/models", headers={"If-None-Match": header})
    assert response.status_code == 200
    assert response.json()["data"]


def test_a_change_changes_the_tag(client: TestClient, model_ref: str) -> None:
    before = client.get("/v1/models").headers["etag"]
    assert client.post("/v1/models", json={"model": model_ref}).status_code == 202
    after = client.get("/v1/models", headers={"If-None-Match": before})
    assert after.status_code == 200
    assert after.headers["etag"] != before


def test_only_answers_of_v1_that_are_fine_have_one(reader: TestClient) -> None:
    for path in ("/healthz", "/v1/models/mdl_1", "/v1/models?limit=0"):
        response = reader.get(path, headers={"If-None-Match": "*"})
        assert response.status_code != 304
        assert "etag" not in response.headers
