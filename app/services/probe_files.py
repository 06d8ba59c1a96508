"""A file of probes that an operator names."""

from pathlib import Path

from app.dna.probes import ProbeSet, parse_probe_set
from app.errors import InputError


def read_probe_set(path: Path) -> ProbeSet:
    """Read a probe file; InputError `unreadable_file`, `bad_probe_set`."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise InputError("unreadable_file", f"{path} cannot be read: {error.strerror}.") from error
    return parse_probe_set(text)
