"""Two made-up families whose answers change with time, at different speeds.

`fill` imports them under the protocol `evolving`: a line of descent loses a share of its words
every four months, and whoever is released then loses a few more of its own. `red` changes fast,
`blue` slowly, `few` has three members.
"""

import json
from pathlib import Path

import numpy as np

from app.services.import_file import Method, import_file
from app.store.database import Database

PROTOCOL = "evolving"
N_PROBES, N_WORDS = 40, 60
SIZES = {"red": 8, "blue": 8, "few": 3}
SPEED = {"red": 0.3, "blue": 0.03, "few": 0.1}  # of the words, a year
OWN = 0.02
LABELS = [f"{family}/{family}-{number}" for family, n in SIZES.items() for number in range(n)]


def released(number: int) -> str:
    """Member 0 came in January 2023, each other four months after the one before."""
    return f"{2023 + number * 4 // 12}-{number * 4 % 12 + 1:02}"


def changed(rng: np.random.Generator, words: np.ndarray, share: float) -> np.ndarray:
    """The words, a share of them replaced by others."""
    fresh = rng.integers(10_000, size=words.shape)
    return np.where(rng.random(words.shape) < share, fresh, words)


def write_files(folder: Path) -> tuple[Path, Path]:
    """Write an answers file and its probe file; return both paths."""
    rng = np.random.default_rng(0)
    probes, lines = folder / "evolving-probes.json", folder / "evolving.jsonl"
    texts = [f"Tell me about subject {number}." for number in range(N_PROBES)]
    probes.write_text(json.dumps({"name": PROTOCOL, "probes": texts}), encoding="utf-8")
    with lines.open("w", encoding="utf-8") as file:
        for family, n in SIZES.items():
            line_of_descent = rng.integers(10_000, size=(N_PROBES, N_WORDS))
            for number in range(n):
                line_of_descent = changed(rng, line_of_descent, SPEED[family] / 3)
                words = changed(rng, line_of_descent, OWN)
                line = {
                    "model": f"{family}/{family}-{number}",
                    "answers": [" ".join(f"w{word}" for word in row) for row in words],
                    "released": released(number),
                    **({"declared_base": f"{family}/{family}-0"} if number else {}),
                }
                file.write(json.dumps(line) + "\n")
    return lines, probes


def fill(database: Database, folder: Path) -> None:
    """Import all of them."""
    lines, probes = write_files(folder)
    import_file(database, lines, Method(probes), lambda *_: None)
