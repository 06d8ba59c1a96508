"""Secrets of others, sealed before they are stored and opened only where they are used.

Sealed with Fernet (AES-128-CBC and HMAC-SHA-256) under the installation's own secret, which is
never in the database: GENEBANK_SECRET_KEY, or else a file in the data folder.
"""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from app.errors import SetupError

SECRET_FILE = "secret.key"  # noqa: S105  the name of a file


class Sealer:
    """Seals texts under the newest secret and opens what any of its secrets sealed."""

    def __init__(self, secret_key: str, data_dir: Path) -> None:
        """Use `secret_key`, several separated by ',' with the newest first, or else the file."""
        self._secret_key = secret_key
        self._file = data_dir / SECRET_FILE

    def seal(self, text: str) -> bytes:
        """Return the text sealed; makes the file where nothing is configured.

        Raises SetupError `bad_secret_key` or `bad_data_dir`.
        """
        if not self._secret_key:
            _make_once(self._file)
        return self._secrets().encrypt(text.encode())

    def unseal(self, sealed: bytes) -> str:
        """Return the text; SetupError `cannot_unseal` under another secret, `bad_secret_key`."""
        try:
            return self._secrets().decrypt(sealed).decode()
        except (InvalidToken, FileNotFoundError) as error:
            raise SetupError(
                "cannot_unseal",
                "A key was sealed with another secret: set GENEBANK_SECRET_KEY to that secret or "
                f"put its file back as {self._file}; or else remove the endpoint and add it anew.",
            ) from error

    def _secrets(self) -> MultiFernet:
        texts = (self._secret_key or self._file.read_text()).split(",")
        try:
            return MultiFernet([Fernet(text.strip()) for text in texts])
        except ValueError as error:
            raise SetupError(
                "bad_secret_key",
                f"GENEBANK_SECRET_KEY, or {self._file}, must hold 32 random bytes in URL-safe "
                "base64, as `openssl rand -base64 32 | tr +/ -_` prints them.",
            ) from error


def _make_once(file: Path) -> None:
    """Write a new secret for its owner alone, whole or not at all; the first to do so wins."""
    if file.exists():
        return
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent) as draft:  # its mode is 0600
            draft.write(Fernet.generate_key())
            draft.flush()
            os.fsync(draft.fileno())
            with suppress(FileExistsError):
                os.link(draft.name, file)
    except OSError as error:
        raise SetupError(
            "bad_data_dir", f"The secret {file} cannot be made ({error.strerror})."
        ) from error
