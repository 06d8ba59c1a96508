"""Files of traits: what is in them, and what is wrong with them."""

from pathlib import Path

import pytest

from app.errors import InputError
from app.services.trait_files import families_of, read_traits


def write(folder: Path, text: str) -> Path:
    file = folder / "traits.tsv"
    file.write_text(text, encoding="utf-8")
    return file


def test_columns_are_traits(tmp_path: Path) -> None:
    text = "\ufeffModel\tKind\treleased\n\na/b\tbig\t2024-05\nc\t\t2023-01-02\nd\n"
    assert read_traits(write(tmp_path, text)) == {
        "kind": {"a/b": "big"},
        "released": {"a/b": "2024-05", "c": "2023-01-02"},
    }


def test_a_lineage_names_families(tmp_path: Path) -> None:
    text = "model\tbase\tparent\na\tllama\t\nb\tunknown\ta\nc\tEnsemble\t\n"
    assert families_of(read_traits(write(tmp_path, text))) == {"a": "llama"}
    both = "model\tbase\tfamily\na\tllama\tmeta\n"
    assert families_of(read_traits(write(tmp_path, both))) == {"a": "meta"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("name\tkind\na\tb\n", "first line"),
        ("model\n", "first line"),
        ("model\tkind\tkind\n", "twice"),
        ("model\tkind\na\tb\tc\n", "line 2 has 3 fields"),
        ("model\tkind\na\tb\na\tc\n", "'a' stands twice, the second time on line 3"),
        ("model\treleased\na\tMay\n", "line 2 must be a date"),
        ("model\tkind\n\tb\n", "Line 2"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        read_traits(write(tmp_path, text))
    assert caught.value.code == "bad_traits"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unreadable_file"):
        read_traits(tmp_path / "nothing.tsv")
    (tmp_path / "latin.tsv").write_bytes(b"model\tkind\n\xe9\tx\n")
    with pytest.raises(InputError, match="UTF-8"):
        read_traits(tmp_path / "latin.tsv")
    with pytest.raises(InputError, match="family or base"):
        families_of({"kind": {}})
