"""Probe sets: ordered, immutable lists of texts that are put to a model, with a digest."""

import json
import unicodedata
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

from app.dna.canonical import digest_json
from app.errors import InputError

MAX_PROBES = 10_000
MAX_PROBE_CHARS = 20_000
BUILTIN = ("neutral-v1", "core-v1")


@dataclass(frozen=True)
class ProbeSet:
    """An ordered list of probes; `digest` depends on the probes and their order, not the name."""

    name: str
    probes: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what could not be put to a model; InputError `bad_probe_set`."""
        if not self.name or len(self.name) > 100 or not self.name.isprintable():
            raise _bad("its name must be 1 to 100 printable characters")
        if not 1 <= len(self.probes) <= MAX_PROBES:
            raise _bad(f"it must hold 1 to {MAX_PROBES} probes, not {len(self.probes)}")
        for number, probe in enumerate(self.probes, 1):
            if not 0 < len(probe) <= MAX_PROBE_CHARS:
                raise _bad(f"probe {number} must hold 1 to {MAX_PROBE_CHARS} characters")
            if any(unicodedata.category(char) == "Cs" for char in probe):
                raise _bad(f"probe {number} is not valid Unicode (a lone surrogate)")

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON list of the probes."""
        return digest_json(list(self.probes))


def parse_probe_set(text: str | bytes) -> ProbeSet:
    """Read a probe file, `{"name": str, "probes": [str, ...]}`; InputError `bad_probe_set`."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _bad(f"it is not JSON: {error}") from error
    if not isinstance(data, dict) or set(data) != {"name", "probes"}:
        raise _bad('it must be an object with exactly the keys "name" and "probes"')
    name, probes = data["name"], data["probes"]
    if not isinstance(name, str) or not isinstance(probes, list):
        raise _bad('"name" must be a string and "probes" a list')
    if not all(isinstance(probe, str) for probe in probes):
        raise _bad("every probe must be a string")
    return ProbeSet(name, tuple(probes))


@cache
def builtin(name: str) -> ProbeSet:
    """Return one of the probe sets that Genebank ships (`BUILTIN`)."""
    return parse_probe_set(files("app.dna").joinpath("data", f"{name}.json").read_bytes())


def _bad(why: str) -> InputError:
    return InputError("bad_probe_set", f"This is no probe set: {why}.")
