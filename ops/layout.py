"""Where the stack keeps things, on which ports, under which passwords; drawn once and kept."""

import json
import secrets
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"
USUAL_API_PORT = 8321


@dataclass(frozen=True)
class Layout:
    """Ports on loopback, and passwords of letters and digits only: they stand in URLs."""

    api_port: int
    postgres_port: int
    redis_port: int
    postgres_password: str
    redis_password: str

    @property
    def api_url(self) -> str:
        """Where the API answers."""
        return f"http://{LOOPBACK}:{self.api_port}"

    @property
    def database_url(self) -> str:
        """The database, with its password."""
        return (
            f"postgresql://genebank:{self.postgres_password}@{LOOPBACK}:{self.postgres_port}"
            "/genebank"
        )

    @property
    def broker_url(self) -> str:
        """The broker, with its password."""
        return f"redis://:{self.redis_password}@{LOOPBACK}:{self.redis_port}/0"


def load(folder: Path) -> Layout | None:
    """The layout of a folder in which a stack was up, None where none was."""
    file = folder / "layout.json"
    return Layout(**json.loads(file.read_text())) if file.exists() else None


def load_or_draw(folder: Path, api_port: int = USUAL_API_PORT) -> Layout:
    """The layout of a folder, drawn and kept for its owner alone when it has none.

    The API gets `api_port` if that is free; 0: any.
    """
    known = load(folder)
    if known is not None:
        return known
    api = api_port if api_port and _is_free(api_port) else _free_port()
    drawn = Layout(api, _free_port(), _free_port(), secrets.token_hex(16), secrets.token_hex(16))
    file = folder / "layout.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(asdict(drawn)))
    return drawn


def _is_free(port: int) -> bool:
    try:
        socket.create_server((LOOPBACK, port)).close()
    except OSError:
        return False
    return True


def _free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as taken:
        return int(taken.getsockname()[1])
