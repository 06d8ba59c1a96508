"""Protocols: what is in the digest, and digests that must never change."""

from dataclasses import replace

import pytest

from app.dna.probes import ProbeSet
from app.dna.protocol import (
    Protocol,
    builtins,
    lexical_sampled_v1,
    lexical_v1,
    likelihood_v1,
    reported_answers,
    reported_vectors,
    sampled,
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
        {"projection": "gaussian"},
        {"encoder_settings": (("digest", "0" * 64),)},
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
    assert (
        lexical_sampled_v1().digest
        == "a455d1e21dfaf0b29f61a9b96ec66f01bc97c46143d58254266cfa2b74b3a933"
    )


def test_shapes() -> None:
    assert likelihood_v1().shape == (100, 10)
    assert lexical_v1().shape == (128, 64)
    handed_in = reported_answers(PROBES)
    assert handed_in.shape == (len(PROBES.probes), 512), "more is kept of what cannot be asked"


def test_items_are_draws_of_probes() -> None:
    assert [(p.name, p.draws, p.n_items) for p in builtins()] == [
        ("likelihood-v1", 1, 100),
        ("lexical-v1", 1, 128),
        ("lexical-sampled-v1", 4, 512),
    ]
    assert lexical_sampled_v1().shape == (128, 64), "the draws of a probe share its row"


def test_what_was_handed_in_cannot_be_asked() -> None:
    assert all(protocol.is_askable for protocol in builtins())
    assert not reported_answers(PROBES).is_askable
    assert not reported_vectors("mine", 8).is_askable


SAMPLED = {"temperature": "0.7", "top_p": "0.95", "draws": 4, "seed": 1}


@pytest.mark.parametrize(
    "other",
    [{"temperature": "0.75"}, {"top_p": "1"}, {"draws": 5}, {"seed": 2}, {"temperature": "2"}],
    ids=str,
)
def test_every_setting_of_sampling_is_in_the_digest(other: dict[str, str | int]) -> None:
    protocol = reported_answers(PROBES)
    digests = {
        replace(protocol, generation=sampled(128, **settings)).digest  # type: ignore[arg-type]
        for settings in (SAMPLED, {**SAMPLED, **other})
    }
    assert len(digests) == 2
    assert [key for key, _ in sampled(128, **SAMPLED)] == sorted(  # type: ignore[arg-type]
        {"chat_template", "decoding", "max_new_tokens", *SAMPLED}
    )


@pytest.mark.parametrize(
    "bad",
    [
        *(
            {"temperature": text}
            for text in ("0", "2.1", "0.70", ".7", "7e-1", "-1", "+1", "", "\u0661")
        ),
        *({"temperature": text} for text in ("01", "1.", "0.1234567", " 1", "1\n", "nan")),
        *({"top_p": text} for text in ("0", "1.1", "1.0")),
        *({"draws": count} for count in (-1, 0, 17)),
        *({"seed": seed} for seed in (-1, 1 << 53)),
    ],
    ids=str,
)
def test_a_number_has_one_spelling_and_sensible_bounds(bad: dict[str, str | int]) -> None:
    with pytest.raises(InputError, match="bad_generation"):
        sampled(128, **{**SAMPLED, **bad})  # type: ignore[arg-type]
