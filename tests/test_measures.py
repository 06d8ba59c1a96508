"""What a process counts of itself; labels that others choose do not grow without bound."""

import re

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from app import measures
from app.measures import Family


def samples(*families: Family) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    text = measures.exposition(families).decode()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(name: str, **labels: str) -> float:
    return samples().get((name, frozenset(labels.items())), 0.0)


def test_requests_are_counted_by_route_method_and_status() -> None:
    labels = {"route": "/v1/made-up", "method": "GET"}
    before = value("genebank_http_requests_total", status="200", **labels)
    for _ in range(3):
        measures.request_began()
    assert value("genebank_http_requests_in_flight") == 3
    for _ in range(3):
        measures.request_ended("/v1/made-up", "GET", 200, 0.03)
    assert value("genebank_http_requests_in_flight") == 0
    assert value("genebank_http_requests_total", status="200", **labels) == before + 3
    assert value("genebank_http_request_seconds_bucket", le="0.05", **labels) >= 3
    assert value("genebank_http_request_seconds_bucket", le="0.025", **labels) == 0


def test_invented_methods_and_phases_share_one_label() -> None:
    before = len(samples())
    for number in range(20):
        measures.request_began()
        measures.request_ended(None, f"BREW{number}", 0, 0.001)
        measures.job_succeeded("extract", {f"phase {number}": 1.0, "load": 2.0})
    first = len(samples())
    assert first - before < 40
    measures.job_succeeded("extract", {"yet another": 1.0})
    assert len(samples()) == first
    assert value("genebank_job_phase_seconds_sum", kind="extract", phase="load") >= 40.0


def test_scrapes_are_answered_until_the_end() -> None:
    measures.try_ended("extract", "left")
    with measures.serving("127.0.0.1", 0) as port:
        url = f"http://127.0.0.1:{port}/metrics"
        text = httpx2.get(url, trust_env=False).text
        assert re.search(r'genebank_tries_total\{end="left",kind="extract"\} [1-9]', text)
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(url, trust_env=False)


def test_names_from_outside_are_escaped() -> None:
    name = 'a"} 1\nforged 2 \\'
    family = Family("genebank_x", "words", ("protocol",), {(name,): 7.0})
    found = samples(family)
    assert found[("genebank_x", frozenset({("protocol", name)}))] == 7.0
    assert not any(key[0] == "forged" for key in found)


def test_the_process_tells_its_memory() -> None:
    assert value("process_resident_memory_bytes") > 1e6
