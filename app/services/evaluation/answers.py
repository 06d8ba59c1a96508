"""What is evaluated when a file of answers, or of vectors, is named: nothing of it is stored."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from app.dna.protocol import Protocol, reported_answers, reported_vectors
from app.dna.strand import encode
from app.errors import InputError
from app.evaluation.lineage_file import LineageRow
from app.records import check_label
from app.services.evaluation.models import (
    MOST_LISTED,
    Lineage,
    Models,
    Progress,
    require_few,
    require_some,
    unknown_models,
)
from app.services.handed_in import kind_of, read, vector_size
from app.services.probe_files import read_probe_set
from app.store.near import near_names


def of_files(answers: Path, probes: Path | None, progress: Progress) -> Models:
    """All models of a file of answers, or of vectors, encoded as an import would.

    Raises InputError on anything wrong with the files. Answers are read model by model: only
    their strands are held.
    """
    kind = kind_of(answers)
    protocol = _protocol(answers, kind, probes)
    size = protocol.n_probes if kind == "answers" else protocol.width
    labels, strands = [], []
    for handed_in in read(answers, kind, size):
        labels.append(handed_in.label)
        require_few(len(labels))
        strands.append(encode(protocol, handed_in.responses).values)
        progress("read", len(labels), 0)
    rows = tuple(map(LineageRow, labels))
    return Models(protocol, rows, tuple(labels), np.stack(strands))


def described(models: Models, lineage: Lineage, *, with_others: bool) -> Models:
    """The models of a file that a lineage names, with what it says, and maybe the others.

    In the order of the file. Raises InputError `no_models` when the lineage names none of them.
    """
    labels = {row.model for row in models.rows}
    named = {row.model: row for row in lineage.rows}
    missing = [name for name in named if name not in labels]
    near = [near_names(name, labels) for name in missing[:MOST_LISTED]]
    warnings = unknown_models(missing, near)
    require_some(named.keys() & labels, lineage, warnings)
    kept = models.keep(
        [place for place, row in enumerate(models.rows) if with_others or row.model in named]
    )
    rows = tuple(named.get(row.model, row) for row in kept.rows)
    return replace(kept, rows=rows, left_out=tuple(missing), warnings=warnings)


def _protocol(answers: Path, kind: str, probes: Path | None) -> Protocol:
    if kind == "vector":
        if probes is not None:
            raise InputError("bad_usage", "Vectors have no probes: leave --probes out.")
        label = check_label(answers.name.partition(".")[0])
        return reported_vectors(label, vector_size(answers))
    if probes is None:
        raise InputError("bad_usage", "Answers need the probes they answer: add --probes FILE.")
    return reported_answers(read_probe_set(probes))
