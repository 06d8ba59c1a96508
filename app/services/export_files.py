"""The files of an export, in the formats that `import` and other programs read."""

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from app.dna.protocol import Protocol
from app.errors import InputError
from app.records import is_date
from app.services.llm_dna_signature import Known, signature
from app.store import entries
from app.store.database import Session

PARTIAL = ".partial"
LONGEST_STEM = 150  # A file's name may hold 255 bytes.
_UNSAFE = re.compile(r"[^A-Za-z0-9.@+_-]")


@dataclass(frozen=True)
class Source:
    """What is to be written: entries of one protocol, and where the rest of them is read."""

    session: Session
    protocol: Protocol
    known: Iterator[Known]


def write_llm_dna(source: Source, folder: Path) -> None:
    """A folder of one `<model>_dna.json` each, as the paper's package saves and loads them."""
    folder.mkdir(parents=True)
    taken: set[str] = set()
    for one in source.known:
        value = signature(source.protocol, one)
        # That package opens files in whatever encoding is the system's: ASCII is read by all.
        (folder / _file_name(one.label, taken)).write_text(json.dumps(value, indent=2))


def _file_name(label: str, taken: set[str]) -> str:
    stem = name = _UNSAFE.sub("_", label)[:LONGEST_STEM]
    number = 1
    while name.lower() in taken:
        number += 1
        name = f"{stem}_{number}"
    taken.add(name.lower())
    return f"{name}_dna.json"


def write_answers(source: Source, folder: Path) -> None:
    """A folder with `probes.json` and `answers.jsonl.gz`; InputError `no_answers`."""
    protocol = source.protocol
    if protocol.response != "answer" or protocol.draws > 1:
        raise InputError("no_answers", f"{protocol.name} does not hold one answer to each probe.")
    folder.mkdir(parents=True)
    probes = {"name": protocol.probe_set.name, "probes": protocol.probe_set.probes}
    (folder / "probes.json").write_text(json.dumps(probes, ensure_ascii=False), encoding="utf-8")
    with gzip.open(folder / "answers.jsonl.gz", "wt", encoding="utf-8") as file:
        for one in source.known:
            answers = entries.responses(source.session, one.entry)
            file.write(_line(one, {"answers": answers}))


def write_vectors(source: Source, path: Path) -> None:
    """A file of DNA, one model a line; compressed when its name asks for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    opened = gzip.open if path.name.removesuffix(PARTIAL).endswith(".gz") else open
    with cast("Any", opened)(path, "wt", encoding="utf-8") as file:
        for one in source.known:
            file.write(_line(one, {"vector": one.dna.tolist()}))


def said(one: Known) -> dict[str, str]:
    """What is claimed of a model, by kind; no date that is none."""
    return {
        claim.kind: claim.value
        for claim in one.claims
        if claim.kind != "released" or is_date(claim.value)
    }


def _line(one: Known, values: dict[str, Any]) -> str:
    claims = said(one)
    line = {"model": one.label, **values}
    line |= {kind: claims[kind] for kind in ("released", "declared_base") if kind in claims}
    return json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n"
