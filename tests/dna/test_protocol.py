"""Protocols: what is in the digest, and digests that must never change."""

from dataclasses import replace

import pytest

from app.dna.probes import ProbeSet
from app.dna.protocol import (
    Protocol,
    lexical_v1,
    likelihood_v1,
    reported_answers,
    reported_vectors,
)
from app.errors import InputError

PROBES = ProbeSet("mine", ("one", "two"))


def test_labels_are_not_part_of_the_digest() -> None:
    protocol = reported_answers(PROBES)
    assert replace(protocol, name="other").digest == protocol.digest
    assert reported_answers(replace(PROBES, name="other")).digest == protocol.digest


@pytest.mark.parametrize(
    "change",
    [
        {"probe_set": ProbeSet("mine", ("two", "one"))},
        {"generation": (("decoding", "greedy"),)},
        {"encoder_version": 2},
        {"width": 128},
        {"dtype": "float32"},
        {"dna_dim": 128},
        {"projection_seed": 43},
    ],
)
def test_whatever_makes_strands_incomparable_changes_the_digest(change: dict[str, object]) -> None:
    protocol = reported_answers(PROBES)
    changed: Protocol = replace(protocol, **change)  # type: ignore[arg-type]
    assert changed.digest != protocol.digest


def test_vectors_of_another_name_or_size_are_another_protocol() -> None:
    digests = {reported_vectors(name, dim).digest for name in ("a", "b") for dim in (8, 9)}
    assert len(digests) == 4


@pytest.mark.parametrize("dim", [0, 1, 65_537])
def test_a_vector_must_have_a_sensible_size(dim: int) -> None:
    with pytest.raises(InputError, match="bad_vector"):
        reported_vectors("mine", dim)


def test_golden_digests() -> None:
    # A change here would silently part every registry from its past: add a protocol instead.
    assert (
        likelihood_v1().digest == "233f808592acfac8838f3547f2a9ca1ab6f436edd2d31102e137286417d6ca40"
    )
    assert lexical_v1().digest == "40d711f5b372889ec73c7472c7b18779d8928e847c429b50f09adc2f17a60dda"


def test_shapes() -> None:
    assert likelihood_v1().shape == (100, 10)
    assert lexical_v1().shape == (128, 64)
