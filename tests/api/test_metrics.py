"""GET /metrics."""

from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient


def scraped(client: TestClient) -> dict[str, list[tuple[dict[str, str], float]]]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def test_requests_are_seen_by_their_route(reader: TestClient) -> None:
    asked = {"route": "/v1/models/{model_id}", "method": "GET", "status": "404"}
    before = count(scraped(reader), asked)
    reader.get("/v1/models/mdl_evil")
    reader.get("/no/such/route")
    found = scraped(reader)
    assert count(found, asked) == before + 1
    assert "evil" not in str(found)
    assert count(found, {"route": "none", "method": "GET", "status": "404"}) >= 1


def count(found: dict[str, list[tuple[dict[str, str], float]]], labels: dict[str, str]) -> float:
    values = [v for one, v in found.get("genebank_http_requests_total", []) if one == labels]
    return sum(values)


def test_the_registry_is_seen(reader: TestClient) -> None:
    assert reader.get("/v1/relatives", params={"model": "founder"}).status_code == 200
    found = scraped(reader)
    assert found["genebank_database_up"] == [({}, 1.0)]
    assert found["genebank_newest_entry"][0][1] >= 12
    lags = {labels["protocol"]: value for labels, value in found["genebank_index_lag"]}
    assert lags["likelihood-v1"] == 0
    assert sum(value for _, value in found["genebank_index_bytes"]) > 0
    assert found["genebank_http_requests_in_flight"] == [({}, 1.0)], "this very request"
