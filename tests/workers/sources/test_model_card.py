import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.hub.claims import MAX_CHARS, MAX_CLAIMS
from app.records import Claim
from workers.sources.model_card import read_claims


def claims(front_matter):
    found = read_claims(b"---\n" + front_matter + b"\n---\n# Model\n")
    assert all(claim.source == "model card" for claim in found)
    return [(claim.kind, claim.value) for claim in found]


def test_licence_bases_and_release_are_claims():
    front_matter = (
        b"license: apache-2.0\nbase_model:\n- org/base\n- org/other\n"
        b"release_date: 2024-05-01\ntags: [x]"
    )
    assert claims(front_matter) == [
        ("licence", "apache-2.0"),
        ("declared_base", "org/base"),
        ("declared_base", "org/other"),
        ("released", "2024-05-01"),
    ]


@pytest.mark.parametrize(
    ("front_matter", "expected"),
    [
        (b"license: no", [("licence", "no")]),
        (b"license: other\nlicense_name: own-1", [("licence", "other"), ("licence", "own-1")]),
        (b"base_model: org/base", [("declared_base", "org/base")]),
        (b"base_model: [a, a, {b: c}, [d]]", [("declared_base", "a")]),
        (b"release_date: soon", []),
        (b"released: 2024-05", [("released", "2024-05")]),
        (b'license: "a\\u202Eb\\0c\\nd"', [("licence", "abc d")]),
        (b"license: " + b"x" * (MAX_CHARS + 1), []),
        (b"license: ''", []),
        (b"license: {a: b}", []),
        (b"license: [unclosed", []),
        (b"license: 2020-99-99", [("licence", "2020-99-99")]),
        (b"license: !!python/name:os.system ''", []),
        (b"license: &a [*a]", []),
        (b"? [a]\n: b\nlicense: mit", []),
        (b"just text", []),
        (b"[" * 1_100, []),
        (b"\xff\xfe", []),
    ],
)
def test_odd_cards_make_few_claims_or_none(front_matter, expected):
    assert claims(front_matter) == expected


def test_merge_keys_do_not_explode():
    lines = [b"a0: &a0 {x: 1}"]
    lines += [b"a%d: &a%d {<<: [*a%d, *a%d]}" % (n, n, n - 1, n - 1) for n in range(1, 60)]
    assert claims(b"\n".join([*lines, b"license: mit"])) == [("licence", "mit")]


@pytest.mark.parametrize(
    "card", [b"", b"# Model", b"---\nlicense: mit", b"x\n---\nlicense: mit\n---"]
)
def test_a_card_without_front_matter_claims_nothing(card):
    assert read_claims(card) == ()


def test_a_card_from_windows_is_read():
    assert read_claims(b"\xef\xbb\xbf---\r\nlicense: mit\r\n---\r\n") == (
        Claim("licence", "mit", "model card"),
    )


@given(st.text(alphabet=st.sampled_from("license:base_model- [](){}&*!|>'\"\n\t#,?x"), max_size=80))
def test_any_card_gives_bounded_printable_claims(text):
    found = read_claims(f"---\n{text}\n---\n".encode())
    assert len(found) <= MAX_CLAIMS
    assert all(1 <= len(c.value) <= MAX_CHARS and c.value.isprintable() for c in found)
