import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.hub.claims import MAX_CHARS, MAX_CLAIMS, card_claims, hub_claims

JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
FIELDS = ("license", "license_name", "base_model", "release_date", "released")


def said(claims):
    return [(claim.kind, claim.value) for claim in claims]


def test_licence_bases_and_release_are_claims():
    card = {"license": "mit", "base_model": ["org/a", "org/b"], "release_date": "2024-05"}
    assert said(card_claims(card, "x")) == [
        ("licence", "mit"),
        ("declared_base", "org/a"),
        ("declared_base", "org/b"),
        ("released", "2024-05"),
    ]
    assert {claim.source for claim in card_claims(card, "x")} == {"x"}


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_any_card_makes_harmless_claims(card):
    claims = card_claims(card, "hub")
    assert len(claims) == len(set(claims)) <= MAX_CLAIMS
    for claim in claims:
        assert 1 <= len(claim.value) <= MAX_CHARS
        assert claim.value.isprintable()


@pytest.mark.parametrize(
    ("card", "created_at", "released"),
    [
        ({}, "2024-05-06T07:08:09.000Z", ["2024-05-06"]),
        ({"released": "2023-01"}, "2024-05-06T07:08:09.000Z", ["2023-01"]),
        ({"released": "2023-99-99"}, "2024-05-06T07:08:09.000Z", ["2024-05-06"]),
        ({"released": "٢٠٢٤-05"}, "", []),
        ({}, "2022-03-02T23:29:04.000Z", []),
        ({}, "", []),
        ({}, "yesterday", []),
    ],
)
def test_the_upload_dates_a_card_without_a_date(card, created_at, released):
    assert [claim.value for claim in hub_claims(card, created_at)] == released
