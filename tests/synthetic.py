"""A small made-up population: models whose answers descend from each other.

`fill` puts two kinds of models into a registry:
imported answers under the protocol `tiny-answers`, of the labels in FAMILY (several share their
last word, so that short names are ambiguous), and "local" models in LOCAL with an entry under
each of the two default protocols, without a language model having run.
"""

import json
from pathlib import Path

import numpy as np

from app.dna.protocol import lexical_v1, likelihood_v1
from app.dna.strand import encode
from app.records import Claim, ModelRecord, ModelRef
from app.services.import_file import Method, import_file
from app.store import entries, models, protocols
from app.store.database import Database

PROTOCOL = "tiny-answers"
N_PROBES = 6
# label -> its parent, in an order in which parents come first.
FAMILY = {
    "acme/wolf": None,
    "acme/wolf-chat": "acme/wolf",
    "acme/wolf-chat-v2": "acme/wolf-chat",
    "beta/wolf": "acme/wolf",
    "beta/heron": None,
    "beta/heron-code": "beta/heron",
}
LOCAL = ("founder", "child", "stranger")

_WORDS = [f"{a}{b}" for a in "bdfgklmnprst" for b in ("ane", "ild", "oro", "usk", "ey")]


def answers(seed: int = 0) -> dict[str, list[str]]:
    """Answers of all of FAMILY: a child keeps 80 % of its parent's words."""
    rng = np.random.default_rng(seed)
    words: dict[str, np.ndarray] = {}
    for label, parent in FAMILY.items():
        fresh = rng.integers(len(_WORDS), size=(N_PROBES, 30))
        kept = rng.random(fresh.shape) < 0.8
        words[label] = fresh if parent is None else np.where(kept, words[parent], fresh)
    return {
        label: [" ".join(_WORDS[word] for word in row) for row in rows]
        for label, rows in words.items()
    }


def write_files(folder: Path, seed: int = 0) -> tuple[Path, Path]:
    """Write an answers file and its probe file; return both paths."""
    probes, lines = folder / "probes.json", folder / "answers.jsonl"
    texts = [f"Say something about number {number}." for number in range(N_PROBES)]
    probes.write_text(json.dumps({"name": PROTOCOL, "probes": texts}), encoding="utf-8")
    with lines.open("w", encoding="utf-8") as file:
        for label, values in answers(seed).items():
            parent = FAMILY[label]
            base = {} if parent is None else {"declared_base": parent}
            line = {"model": label, "answers": values, "released": "2024-05", **base}
            file.write(json.dumps(line) + "\n")
    return lines, probes


def fill(database: Database, folder: Path) -> None:
    """Import FAMILY and add LOCAL."""
    lines, probes = write_files(folder)
    import_file(database, lines, Method(probes), lambda *_: None)
    rng = np.random.default_rng(1)
    founder, stranger = (-8 + 2 * rng.standard_normal((100, 10)) for _ in range(2))
    child = founder + 0.3 * rng.standard_normal((100, 10))
    for name, scores in zip(LOCAL, (founder, child, stranger), strict=True):
        add_local(database, name, np.minimum(scores, -0.01))


def add_local(database: Database, name: str, scores: np.ndarray) -> ModelRecord:
    """Add a local model with these word log-probabilities, (100, 10), and answers made of them."""
    findings = {
        likelihood_v1(): [row.tolist() for row in scores],
        lexical_v1(): [_text(row) for row in np.resize(scores, (128, 10))],
    }
    with database.write() as session:
        model = models.register(session, ModelRef("local", f"/models/{name}", "0" * 16))
        model = models.set_content(session, model.id, f"digest of {name}", {"n_parameters": 1000})
        models.add_claims(session, model.id, [Claim("licence", "apache-2.0", "model card")])
        for protocol, responses in findings.items():
            finding = entries.Finding(
                model=model,
                protocol=protocols.ensure(session, protocol),
                strand=encode(protocol, responses),
                responses=responses,
                evidence="weights",
                environment={"torch": "none"},
            )
            entries.add(session, [finding])
    return model


def _text(row: np.ndarray) -> str:
    return " ".join(_WORDS[int(-value * 4) % len(_WORDS)] for value in row)
