"""A registry of many models that grew along a tree, written straight into PostgreSQL's tables.

Bulk import has figures of its own; here only what it leaves matters.
"""

import json
import re
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from app.dna.protocol import Protocol, reported_vectors
from app.services.freezing import refresh_references
from app.store import protocols
from app.store.database import Database

F32 = NDArray[np.float32]

WIDTH = 128
NOISE = 0.3  # of a tip, where a branch has 1 on average
# Models of one declared family, and what some of them claim.
FAMILY = 64
LICENCES = ("apache-2.0", "mit", "llama3", "cc-by-nc-4.0")
RELEASED = 0.7
DECLARED = 0.6
LEVELS = ("weights", "endpoint", "reported")
SHARES = (0.05, 0.15, 0.8)
ROWS = 20_000
# What a bulk loader leaves behind for the planner.
AFTERWARDS = ("ANALYZE models", "ANALYZE claims", "ANALYZE entries", "ANALYZE dna")

COLUMNS = {
    "models": "id, source, name, revision, label_key, short_key, digest, details, created_at",
    "claims": "model_id, kind, value, source, created_at",
    "entries": "id, seq, model_id, model_digest, protocol_digest, evidence, environment, notes, "
    "created_at",
    "strands": "entry_id, body",
    "dna": "entry_id, body",
    "responses": "entry_id, body",
}


def protocol() -> Protocol:
    """The protocol of all entries: vectors that were handed in."""
    return reported_vectors("scale", WIDTH)


def grown_vectors(n: int, seed: int) -> F32:
    """Vectors (n, WIDTH) of tips in the order of a walk through the tree, by Brownian motion.

    Every tip splits in two until there are enough; branches have exponential lengths.
    """
    rng = np.random.default_rng(seed)
    tips = np.zeros((1, WIDTH), dtype=np.float32)
    while len(tips) < n:
        more = min(len(tips), n - len(tips))
        splits = np.ones(len(tips), dtype=np.int64)
        splits[rng.permutation(len(tips))[:more]] = 2
        tips = np.repeat(tips, splits, axis=0)
        lengths = rng.exponential(size=(len(tips), 1)).astype(np.float32)
        tips += rng.standard_normal(tips.shape, dtype=np.float32) * np.sqrt(lengths)
    tips += rng.standard_normal(tips.shape, dtype=np.float32) * np.float32(NOISE)
    return tips


def fill(url: str, vectors: F32, seed: int) -> None:
    """Write models, claims, entries and the reference of vectors (n, WIDTH), in a random order."""
    database = Database(url)
    try:
        with database.write() as session:
            stored = protocols.ensure(session, protocol())
        with psycopg.connect(re.sub(r"^postgresql\+\w+", "postgresql", url)) as connection:
            _copy_all(connection, stored, vectors, np.random.default_rng(seed))
        refresh_references(database)
    finally:
        database.close()


def _copy_all(
    connection: psycopg.Connection, stored: Protocol, vectors: F32, rng: np.random.Generator
) -> None:
    order = rng.permutation(len(vectors))
    for start in range(0, len(vectors), ROWS):
        chosen = order[start : start + ROWS]
        tables = _rows(stored, vectors[chosen], chosen.tolist(), start, rng)
        for table, columns in COLUMNS.items():
            with connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                copy.write("".join(f"{line}\n" for line in tables[table]))
    for statement in AFTERWARDS:
        connection.execute(statement)


def _rows(
    stored: Protocol, vectors: F32, places: Sequence[int], start: int, rng: np.random.Generator
) -> dict[str, list[str]]:
    """Lines of COPY for each table; models that lie beside each other are of one family."""
    tables: dict[str, list[str]] = {table: [] for table in COLUMNS}
    evidence = rng.choice(LEVELS, size=len(places), p=SHARES)
    for offset, (vector, place) in enumerate(zip(vectors, places, strict=True)):
        seq = start + offset + 1
        model, entry, name = f"mdl_{seq:023d}", f"ent_{seq:023d}", f"m{place}"
        body = r"\\x" + vector.astype("<f4").tobytes().hex()
        tables["models"].append(
            f"{model}\timport\t{name}\t{seq:016x}\t{name}\t{name}\td{seq}\t{{}}\t0"
        )
        tables["entries"].append(
            f"{entry}\t{seq}\t{model}\td{seq}\t{stored.digest}\t{evidence[offset]}\t{{}}\t[]\t0"
        )
        tables["strands"].append(f"{entry}\t{body}")
        tables["dna"].append(f"{entry}\t{body}")
        tables["responses"].append(f"{entry}\t{_EMPTY}")
        tables["claims"] += [f"{model}\t{claim}\tsubmitter\t0" for claim in _claims(place, rng)]
    return tables


def _claims(place: int, rng: np.random.Generator) -> Iterator[str]:
    draws = rng.random(2)
    family = place // FAMILY * FAMILY
    if place != family and draws[0] < DECLARED:
        yield f"declared_base\torg/m{family}"
    if draws[1] < RELEASED:
        yield f"released\t{2022 + place % 4}-{1 + place % 12:02d}"
        yield f"licence\t{LICENCES[place % len(LICENCES)]}"


def _packed(values: list[Any]) -> str:
    return r"\\x" + zlib.compress(json.dumps(values).encode()).hex()


# Nobody asks for them here, and they are stored beside the rest.
_EMPTY = _packed([])
