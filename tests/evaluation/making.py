"""Small made-up populations: families of models whose strands are near their founder's."""

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.dna.probes import ProbeSet
from app.dna.protocol import Protocol, reported_answers
from app.evaluation.lineage_file import LineageRow

N_PROBES = 8


def made_protocol() -> Protocol:
    return reported_answers(ProbeSet("made", tuple(f"probe {i}" for i in range(N_PROBES))))


def made_families(
    sizes: list[int], seed: int = 0
) -> tuple[npt.NDArray[np.float32], list[LineageRow]]:
    """Strands of `made_protocol`, rows of length 1, and what a lineage says of the models.

    The first of each family is the parent of the others.
    """
    rng = np.random.default_rng(seed)
    strands, rows = [], []
    for family, size in enumerate(sizes):
        founder = rng.standard_normal(made_protocol().shape)
        letter = chr(ord("a") + family)
        for number in range(size):
            strand = founder + 0.7 * rng.standard_normal(founder.shape)
            strands.append(strand / np.linalg.norm(strand, axis=1, keepdims=True))
            parents = (f"{letter}0",) if number else ()
            rows.append(LineageRow(f"{letter}{number}", f"{letter * 2}-7b", parents))
    return np.array(strands, dtype=np.float32), rows


def write_answers(folder: Path, sizes: list[int], seed: int = 0) -> tuple[Path, Path, Path]:
    """Lineage, answers and probes of such families: a child keeps 70 % of its parent's words."""
    rng = np.random.default_rng(seed)
    _, rows = made_families(sizes)
    said: dict[str, npt.NDArray[np.int64]] = {}
    lines = []
    for row in rows:
        words = rng.integers(500, size=(N_PROBES, 40))
        if row.parents:
            kept = rng.random(words.shape) < 0.7
            words = np.where(kept, said[row.parents[0]], words)
        said[row.model] = words
        answers = [" ".join(f"word{word}" for word in probe) for probe in words]
        lines.append(json.dumps({"model": row.model, "answers": answers}))
    lineage, answers_file, probes = (
        folder / name for name in ("lineage.tsv", "answers.jsonl", "probes.json")
    )
    answers_file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    probe_set = made_protocol().probe_set
    probes.write_text(json.dumps({"name": probe_set.name, "probes": list(probe_set.probes)}))
    write_lineage(lineage, rows)
    return lineage, answers_file, probes


def write_lineage(path: Path, rows: Iterable[LineageRow]) -> Path:
    """A lineage file of model, base and parent."""
    lines = [f"{row.model}\t{row.base}\t{','.join(row.parents)}" for row in rows]
    path.write_text("\n".join(["model\tbase\tparent", *lines]) + "\n", encoding="utf-8")
    return path
