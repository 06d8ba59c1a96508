"""Keys are sealed, and opened under the right secret only."""

import stat
import threading
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import SetupError
from app.services.sealing import SECRET_FILE, Sealer

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@given(st.text(st.characters(codec="utf-8")))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_sealed_is_opened(tmp_path: Path, text: str) -> None:
    sealed = Sealer(OLD, tmp_path).seal(text)
    assert Sealer(OLD, tmp_path).unseal(sealed) == text
    assert len(text) < 8 or text.encode() not in sealed
    assert not (tmp_path / SECRET_FILE).exists()


def test_without_a_setting_a_file_is_made_once(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    sealed = Sealer("", data_dir).seal("sk-1")
    file = data_dir / SECRET_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    assert Sealer("", data_dir).unseal(sealed) == "sk-1"
    Sealer("", data_dir).seal("sk-2")
    assert file.read_bytes() == before
    assert [path.name for path in data_dir.iterdir()] == [SECRET_FILE]


def test_many_at_once_make_one_secret(tmp_path: Path) -> None:
    barrier = threading.Barrier(8)
    sealed: list[bytes] = []

    def seal() -> None:
        barrier.wait()
        sealed.append(Sealer("", tmp_path).seal("sk"))

    threads = [threading.Thread(target=seal) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [Sealer("", tmp_path).unseal(one) for one in sealed] == ["sk"] * 8


def test_a_new_secret_takes_the_old_ones_place(tmp_path: Path) -> None:
    sealed = Sealer(OLD, tmp_path).seal("sk")
    assert Sealer(f"{NEW}, {OLD}", tmp_path).unseal(sealed) == "sk"
    renewed = Sealer(f"{NEW},{OLD}", tmp_path).seal("sk")
    assert Sealer(NEW, tmp_path).unseal(renewed) == "sk"


@pytest.mark.parametrize("secret", [NEW, ""], ids=["another", "none"])
def test_another_secret_opens_nothing(tmp_path: Path, secret: str) -> None:
    sealed = Sealer(OLD, tmp_path).seal("sk")
    with pytest.raises(SetupError) as raised:
        Sealer(secret, tmp_path).unseal(sealed)
    assert raised.value.code == "cannot_unseal"


@pytest.mark.parametrize(
    "secret", ["password", f"{OLD},", "é" * 44], ids=["short", "half", "foreign"]
)
def test_a_secret_that_is_none_is_refused(tmp_path: Path, secret: str) -> None:
    with pytest.raises(SetupError) as raised:
        Sealer(secret, tmp_path).seal("sk")
    assert raised.value.code == "bad_secret_key"
    assert secret not in raised.value.detail


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError) as raised:
        Sealer("", tmp_path / "file" / "data").seal("sk")
    assert raised.value.code == "bad_data_dir"
