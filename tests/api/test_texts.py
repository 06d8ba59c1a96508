"""No text in any place of a request breaks the service, whatever the database."""

import json
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

JSON = {"content-type": "application/json"}
# {} is where the text goes.
PLACES = (
    "/v1/models?model={}",
    "/v1/models?cursor={}",
    "/v1/models/{}",
    "/v1/models/{}/relatives",
    "/v1/models/{}/dna",
    "/v1/relatives?model={}",
    "/v1/relatives?model=founder&protocol={}",
    "/v1/dna?model={}",
    "/v1/compare?a={}&b=founder",
    "/v1/tree?protocol={}",
    "/v1/tree?model={}&model=founder",
    "/v1/jobs/{}",
    "/v1/jobs/{}/events",
    "/v1/protocols/{}",
)
ODD = (
    "\0",
    "a\0b",
    "\n",
    "\x1b[31m",
    "\u202e",
    "\ufeff",
    "\uffff",
    "😀",
    "%",
    "_%",
    "'; drop table models; --",
    "mdl_" + "0" * 24,
    "import:@",
    "local:@@",
    "x" * 300,
    "x" * 301,
    "a/b",
    "..",
)


@pytest.mark.parametrize("place", PLACES)
def test_odd_texts(reader: TestClient, place: str) -> None:
    for text in ODD:
        response = reader.get(place.format(quote(text, safe="")))
        assert 400 <= response.status_code < 500, (text, response.text)
        assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("raw", ["%ff", "%ed%a0%80", "%c0%80"])
@pytest.mark.parametrize("place", PLACES)
def test_bytes_that_are_no_text(reader: TestClient, place: str, raw: str) -> None:
    assert 400 <= reader.get(place.format(raw)).status_code < 500


@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=40), place=st.sampled_from(PLACES))
def test_any_text(reader: TestClient, text: str, place: str) -> None:
    path = place.format(quote(text.encode(errors="surrogatepass"), safe=""))
    assert reader.get(path).status_code < 500


@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=40), key=st.sampled_from(["model", "a", "b"]))
def test_any_text_in_a_body(reader: TestClient, text: str, key: str) -> None:
    path = "/v1/models" if key == "model" else "/v1/compare"
    body = {"a": "founder", "b": "child", key: text} if key != "model" else {key: text}
    assert 400 <= reader.post(path, content=json.dumps(body), headers=JSON).status_code < 500
