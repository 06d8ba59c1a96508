"""Snapshots: what was written comes back; nothing else is taken for it."""

import os
from pathlib import Path

import numpy as np
import pytest

from app.search.snapshots import DTYPES, Shelf, Stored

KEY = b"k" * 32
PROTOCOL = "ab" * 32


def stored() -> Stored:
    rng = np.random.default_rng(1)
    shapes = {
        "centre": (4,),
        "seqs": (9,),
        "centroids": (2, 4),
        "sizes": (2,),
        "rows": (9,),
        "codes": (9, 4),
    }
    arrays = {name: rng.integers(0, 99, shapes[name]).astype(DTYPES[name]) for name in DTYPES}
    return Stored(3, "ent_9", arrays)


def written(folder: Path) -> Path:
    Shelf(folder, KEY).save(PROTOCOL, stored())
    [path] = folder.iterdir()
    return path


def test_what_was_written_comes_back(tmp_path: Path) -> None:
    path = written(tmp_path / "index")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    with Shelf(path.parent, KEY).opened(PROTOCOL) as found:
        assert (found.reference_version, found.last_id) == (3, "ent_9")
        for name, array in stored().arrays.items():
            assert np.array_equal(found.arrays[name][0 : len(array)], array)
            assert found.arrays[name].dtype == array.dtype
        assert np.array_equal(found.arrays["codes"][3:5], stored().arrays["codes"][3:5])


def test_a_byte_that_is_another_is_found(tmp_path: Path) -> None:
    path = written(tmp_path)
    whole = path.read_bytes()
    padding = 0
    for place in range(0, len(whole), 3):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        try:
            with Shelf(tmp_path, KEY).opened(PROTOCOL):
                assert whole[place] == 0  # between two arrays
                padding += 1
        except ValueError:
            pass
    assert padding < 64 * len(DTYPES)


@pytest.mark.parametrize("kept", [0, 3, 20, 100, -1])
def test_a_file_that_was_cut_is_refused(tmp_path: Path, kept: int) -> None:
    path = written(tmp_path)
    path.write_bytes(path.read_bytes()[:kept])
    why = "release|sealed|early"
    with pytest.raises(ValueError, match=why), Shelf(tmp_path, KEY).opened(PROTOCOL):
        pass


def test_foreign_ones_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    with pytest.raises(ValueError, match="sealed"), Shelf(tmp_path, b"x" * 32).opened(PROTOCOL):
        pass
    path.rename(tmp_path / f"{'cd' * 32}.index")
    shelf = Shelf(tmp_path, KEY)
    with pytest.raises(ValueError, match="another protocol"), shelf.opened("cd" * 32):
        pass
    with pytest.raises(FileNotFoundError), Shelf(tmp_path, KEY).opened(PROTOCOL):
        pass


def test_what_was_begun_and_left_long_ago_is_cleared(tmp_path: Path) -> None:
    old, new = tmp_path / "a.1.part", tmp_path / "b.2.part"
    old.touch()
    new.touch()
    os.utime(old, (0, 0))
    Shelf(tmp_path, KEY).save(PROTOCOL, stored())
    assert {path.name for path in tmp_path.iterdir()} == {new.name, f"{PROTOCOL}.index"}
