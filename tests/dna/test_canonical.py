"""The canonical digest."""

import hashlib
from pathlib import Path

from app.dna.canonical import digest_file, digest_json


def test_it_is_sha256_of_rfc_8785() -> None:
    # Keys in UTF-16 order, no spaces, shortest numbers: section 3.2 of the RFC.
    text = '{"a":1,"b":[true,null,"€"],"c":1e+30}'
    value = {"c": 1e30, "b": [True, None, "€"], "a": 1.0}
    assert digest_json(value) == hashlib.sha256(text.encode()).hexdigest()


def test_that_of_a_file_is_sha256_of_its_bytes(tmp_path: Path) -> None:
    content = bytes(range(256)) * 2_000
    (tmp_path / "file").write_bytes(content)
    assert digest_file(tmp_path / "file") == hashlib.sha256(content).hexdigest()
