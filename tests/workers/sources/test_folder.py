import contextlib
import itertools
import os
import tempfile
import threading
from collections import Counter
from pathlib import Path

import pytest

from app.errors import ModelError
from workers.sources.folder import names_in, open_inside, place, read_inside

OPEN = Path("/proc/self/fd")
MEMORY = Path("/dev/shm")  # noqa: S108  only to have a second file system


@pytest.fixture
def folder(tmp_path):
    model = tmp_path / "model"
    (model / "sub").mkdir(parents=True)
    (model / "plain").write_bytes(b"plain")
    (model / "sub" / "deep").write_bytes(b"deep")
    (tmp_path / "secret").write_bytes(b"secret")
    (model / "inner").symlink_to("sub/deep")
    (model / "outer").symlink_to("../secret")
    (model / "absolute").symlink_to(tmp_path / "secret")
    (model / "chain").symlink_to("outer")
    (model / "loop").symlink_to("loop")
    (model / "broken").symlink_to("none")
    os.mkfifo(model / "pipe")
    return model


def refusal(folder, name):
    with pytest.raises(ModelError) as error:
        read_inside(folder, name, 100)
    return error.value.code


def test_plain_files_and_inner_links_are_read(folder):
    assert read_inside(folder, "plain", 5) == b"plain"
    assert read_inside(folder, "inner", 5) == b"deep"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("outer", "file_outside_folder"),
        ("absolute", "file_outside_folder"),
        ("chain", "file_outside_folder"),
        ("../secret", "file_outside_folder"),
        ("sub", "not_a_plain_file"),
        ("pipe", "not_a_plain_file"),
        ("loop", "unreadable"),
        ("broken", "unreadable"),
        ("none", "unreadable"),
    ],
)
def test_everything_else_is_refused(folder, name, code):
    assert refusal(folder, name) == code


def test_the_size_is_bounded(folder):
    with pytest.raises(ModelError, match="file_too_large"):
        read_inside(folder, "plain", 4)


def test_no_descriptor_is_left_open(folder):
    before = len(list(OPEN.iterdir()))
    for name in ("plain", "inner", "outer", "sub", "pipe", "loop", "none"):
        with contextlib.suppress(ModelError):
            os.close(open_inside(folder, name))
    assert len(list(OPEN.iterdir())) == before


def test_a_placed_file_is_the_same_file(folder, tmp_path):
    private = tmp_path / "private"
    private.mkdir()
    assert place(folder, "inner", private) == 4
    assert (private / "inner").samefile(folder / "sub" / "deep")
    assert not (private / "inner").is_symlink()
    with pytest.raises(ModelError, match="file_outside_folder"):
        place(folder, "outer", private)
    assert [path.name for path in private.iterdir()] == ["inner"]


@pytest.mark.skipif(not MEMORY.is_dir(), reason="needs a second file system")
def test_across_file_systems_it_is_linked_by_path(folder):
    with tempfile.TemporaryDirectory(dir=MEMORY) as private:
        place(folder, "plain", Path(private))
        placed = Path(private, "plain")
        assert placed.is_symlink()
        assert placed.read_bytes() == b"plain"


def read(folder, name):
    return read_inside(folder, name, 100)


def placed(folder, name):
    private = folder.parent / "private"
    (private / "sub").mkdir(parents=True, exist_ok=True)
    (private / name).unlink(missing_ok=True)
    place(folder, name, private)
    return (private / name).read_bytes()


@contextlib.contextmanager
def flipping(good, evil):
    """Swap two paths back and forth as fast as it goes."""
    stop, aside = threading.Event(), good.with_name("aside")

    def flip():
        for here, there in itertools.cycle([(good, evil), (evil, good)]):
            here.rename(aside)
            there.rename(here)
            aside.rename(there)
            if stop.is_set():
                return

    flipper = threading.Thread(target=flip)
    flipper.start()
    try:
        yield
    finally:
        stop.set()
        flipper.join()


@pytest.mark.parametrize("take", [read, placed])
@pytest.mark.parametrize(
    ("name", "flipped", "true"), [("plain", "plain", b"plain"), ("sub/deep", "sub", b"deep")]
)
def test_a_link_that_is_slipped_in_is_never_followed(folder, take, name, flipped, true):
    outside = folder.parent / "outside"
    (outside / "sub").mkdir(parents=True)
    for path in ("plain", "sub/deep"):
        (outside / path).write_bytes(b"secret")
    (folder / "evil").symlink_to(outside / flipped)
    seen = Counter()
    with flipping(folder / flipped, folder / "evil"):
        for _ in range(500):
            try:
                seen[take(folder, name)] += 1
            except ModelError as error:
                seen[error.code] += 1
    assert seen[true]
    assert set(seen) <= {true, "file_outside_folder", "unreadable", "changed_while_reading"}


def test_names_are_counted(folder):
    assert {"plain", "sub", "pipe"} <= names_in(folder, 100)
    with pytest.raises(ModelError, match="too_many_files"):
        names_in(folder, 3)
    with pytest.raises(ModelError, match="unreadable"):
        names_in(folder / "plain", 3)
