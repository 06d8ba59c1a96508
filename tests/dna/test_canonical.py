"""The canonical digest."""

import hashlib

from app.dna.canonical import digest_json


def test_it_is_sha256_of_rfc_8785() -> None:
    # Keys in UTF-16 order, no spaces, shortest numbers: section 3.2 of the RFC.
    text = '{"a":1,"b":[true,null,"€"],"c":1e+30}'
    value = {"c": 1e30, "b": [True, None, "€"], "a": 1.0}
    assert digest_json(value) == hashlib.sha256(text.encode()).hexdigest()
