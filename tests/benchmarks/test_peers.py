from pathlib import Path
from zipfile import ZipFile

import pytest

from app.errors import SetupError
from benchmarks.peers import fetched

INFO = "peer-1.0.dist-info"


def wheel(folder: Path) -> Path:
    """Write the smallest package that pip installs without asking anybody."""
    path = folder / "peer-1.0-py3-none-any.whl"
    with ZipFile(path, "w") as file:
        file.writestr("peer.py", "ANSWER = 42\n")
        file.writestr(f"{INFO}/METADATA", "Metadata-Version: 2.1\nName: peer\nVersion: 1.0\n")
        file.writestr(
            f"{INFO}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{INFO}/RECORD", "")
    return path


def test_packages_are_fetched_once_into_a_folder_of_their_own(tmp_path: Path):
    package = wheel(tmp_path)
    folder = fetched([str(package)], tmp_path)
    assert (folder / "peer.py").read_text() == "ANSWER = 42\n"
    assert (folder / INFO / "METADATA").is_file()  # llm-dna looks its own version up
    package.unlink()
    assert fetched([str(package)], tmp_path) == folder


def test_what_cannot_be_fetched_is_said_and_never_taken_for_fetched(tmp_path: Path):
    package = wheel(tmp_path)
    fetched([str(package)], tmp_path)
    for _ in range(2):
        with pytest.raises(SetupError) as error:
            fetched([str(package), str(tmp_path / "missing.whl")], tmp_path)
        assert error.value.code == "peer_missing"
    assert fetched([str(package)], tmp_path).is_dir()
