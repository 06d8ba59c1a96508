"""The files of a deployment, read as Docker reads them."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
# What an operator would have put into .env: nothing else may be needed, and no secret be there.
ENV = {
    "POSTGRES_PASSWORD": "canary-postgres",
    "REDIS_PASSWORD": "canary-redis",
    "GENEBANK_SECRET_KEY": "canary-seal",
}
_VARIABLE = re.compile(r"(?<!\$)\$\{([A-Z_]+)(?:(:-|:\?)([^}]*))?\}")


def interpolated() -> str:
    """The compose file with the variables of ENV filled in, as compose does it."""

    def value(found: re.Match[str]) -> str:
        name, operator, rest = found.groups()
        if name in ENV:
            return ENV[name]
        assert operator == ":-", f"{name} has no default and is not in .env.example's list"
        return rest or ""

    return _VARIABLE.sub(value, COMPOSE.read_text(encoding="utf-8")).replace("$$", "$")


def stack() -> dict[str, Any]:
    """The compose file, interpolated, with its anchors merged."""
    read: dict[str, Any] = yaml.safe_load(interpolated())
    return read
