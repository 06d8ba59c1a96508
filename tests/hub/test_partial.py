import hashlib
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import SetupError
from app.hub.model import HubFile
from app.hub.partial import Partial


def no_tick():
    pass


def in_git(body):
    return hashlib.sha1(b"blob %d\0" % len(body) + body, usedforsecurity=False).hexdigest()


def described(body, lfs=True):
    sha256 = hashlib.sha256(body).hexdigest() if lfs else None
    return HubFile("model.safetensors", len(body), sha256, in_git(body))


@given(body=st.binary(max_size=200), lfs=st.booleans(), data=st.data())
def test_pieces_from_many_processes_make_one_file(tmp_path_factory, body, lfs, data):
    folder, file, at = tmp_path_factory.mktemp("part"), described(body, lfs), 0
    while at < len(body):
        with Partial(folder, file) as here:
            here.recover(no_tick)
            assert here.have == at
            step = data.draw(st.integers(1, len(body) - at))
            here.write(at, body[at : at + step])
            at += step
            assert not (folder / file.path).exists()
    with Partial(folder, file) as here:
        here.recover(no_tick)
        assert here.is_right()
        here.finish()
    assert (folder / file.path).read_bytes() == body
    assert [path.name for path in folder.iterdir()] == [file.path]


def test_the_digest_of_a_small_file_is_gits(tmp_path):
    (tmp_path / "x").write_bytes(b"some text\n")
    command = ["git", "hash-object", "--no-filters", str(tmp_path / "x")]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    file = HubFile("config.json", 10, None, said)
    with Partial(tmp_path, file) as here:
        here.write(0, b"some text\n")
        assert here.is_right()


@pytest.mark.parametrize("wrong", [b"abcdeX", b"abcde", b"abcdefg", b""])
def test_other_content_is_not_right(tmp_path, wrong):
    with Partial(tmp_path, described(b"abcdef")) as here:
        here.write(0, wrong)
        assert not here.is_right()


def test_bytes_from_the_beginning_begin_anew(tmp_path):
    with Partial(tmp_path, described(b"abcdef")) as here:
        here.write(0, b"xyz")
        here.write(0, b"abc")
        here.write(3, b"def")
        assert here.is_right()
        here.finish()
    assert (tmp_path / "model.safetensors").read_bytes() == b"abcdef"


def test_too_much_from_an_earlier_process_is_dropped(tmp_path):
    (tmp_path / "model.safetensors.part").write_bytes(b"abcdefg")
    with Partial(tmp_path, described(b"abcdef")) as here:
        here.recover(no_tick)
        assert here.have == 0


def test_two_never_write_at_once(tmp_path):
    with Partial(tmp_path, described(b"abcdef")) as here:
        here.write(0, b"abc")
        with pytest.raises(SetupError, match=r"download_in_use.*model\.safetensors\.part"):
            Partial(tmp_path, described(b"abcdef"))
        here.write(3, b"def")
        assert here.is_right()
    with Partial(tmp_path, described(b"abcdef")) as later:
        later.recover(no_tick)
        assert later.is_right()


def test_a_disk_that_refuses_is_named(tmp_path):
    (tmp_path / "model.safetensors.part").mkdir()
    with pytest.raises(SetupError, match="cannot_store"):
        Partial(tmp_path, described(b"abcdef"))
