"""Probe sets and their files."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dna.probes import BUILTIN, ProbeSet, builtin, parse_probe_set
from app.errors import InputError

PROBES = st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20), min_size=1)


@given(PROBES)
def test_a_file_reads_back(probes: list[str]) -> None:
    text = json.dumps({"name": "mine", "probes": probes})
    assert parse_probe_set(text) == ProbeSet("mine", tuple(probes))


@given(PROBES)
def test_the_digest_follows_probes_and_order_but_not_the_name(probes: list[str]) -> None:
    digest = ProbeSet("a", tuple(probes)).digest
    assert ProbeSet("b", tuple(probes)).digest == digest
    assert ProbeSet("a", (*probes, "one more")).digest != digest
    turned = tuple(reversed(probes))
    assert (ProbeSet("a", turned).digest == digest) == (turned == tuple(probes))


@pytest.mark.parametrize("name", BUILTIN)
def test_the_sets_that_are_shipped_load(name: str) -> None:
    assert builtin(name).name == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[" * 100_000,
        '{"name": "x"}',
        '{"name": "x", "probes": []}',
        '{"name": "x", "probes": [""]}',
        '{"name": "x", "probes": [1]}',
        '{"name": "x", "probes": "abc"}',
        '{"name": "", "probes": ["a"]}',
        '{"name": "a\\nb", "probes": ["a"]}',
        '{"name": "x", "probes": ["\\ud800"]}',
        '{"name": "x", "probes": ["a"], "more": 1}',
    ],
)
def test_what_is_no_probe_set_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="bad_probe_set"):
        parse_probe_set(text)
