"""What probes say of pairs of models: each for itself, and some of them together."""

import numpy as np
import numpy.typing as npt

from app.dna.population import cohort_of
from app.dna.protocol import Protocol
from app.dna.scores import SCORES, Strands, probe_cosines, rooted, score, surprises
from app.dna.structure import Structure

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.int64]


def probe_parts(protocol: Protocol, strands: Strands, reference: Strands, pairs: Indexes) -> F32:
    """The parts of some pairs' scores, by the models of a reference: (k, n_probes), float32.

    `strands` (n, n_probes, width), `reference` (m, ...), `pairs` (2, k) are indexes in `strands`.
    Of log-probabilities a part is what the words of a passage add to the correlation of
    surprises. Of answers it is the rooted cosine of the probe less what either model scores on it
    with strangers: a model that answers like everybody says little. An empty reference (m = 0)
    subtracts nothing.
    """
    centre = reference.mean(axis=0) if len(reference) else np.zeros(strands.shape[1:])
    if protocol.response == "likelihood":
        return _of_passages(strands, centre, pairs)
    return _of_answers(strands, centre, reference[cohort_of(len(reference))], pairs)


def standing(protocol: Protocol, strands: Strands, reference: Strands) -> F64:
    """How n models, (n, n_probes, width), stand by a reference that holds none of their families.

    (n, n), in an order like that of `population`, which need not find families here: a reference
    by a single probe could not. Plain scores by an empty reference.
    """
    if not len(reference):
        return score(protocol, strands, strands, np.zeros(strands.shape[1:]))
    centre = reference.mean(axis=0, dtype=np.float64)
    if protocol.response == "likelihood":
        return score(protocol, strands, strands, centre)
    cohort = reference[cohort_of(len(reference))]
    structure = Structure(SCORES[protocol.response], cohort, centre)
    placed = structure.placed(strands, np.full(len(strands), -1))
    return structure.compare(placed, placed)[1]


def _of_passages(strands: Strands, centre: Strands, pairs: Indexes) -> F32:
    n_models, n_probes, _ = strands.shape
    rows = surprises(strands, centre).reshape(n_models, n_probes, -1)
    parts = np.empty((pairs.shape[1], n_probes), dtype=np.float32)
    for probe in range(n_probes):
        words = rows[:, probe]
        parts[:, probe] = n_probes * (words @ words.T)[pairs[0], pairs[1]]
    return parts


def _of_answers(strands: Strands, centre: Strands, cohort: Strands, pairs: Indexes) -> F32:
    parts = np.empty((pairs.shape[1], strands.shape[1]), dtype=np.float32)
    for probe in range(strands.shape[1]):
        own, others, middle = strands[:, probe], cohort[:, probe], centre[probe]
        scores = rooted(probe_cosines(own, own, middle))
        if len(others):
            levels = rooted(probe_cosines(own, others, middle)).mean(axis=1)
            scores += levels.mean() - levels[:, None] - levels
        parts[:, probe] = scores[pairs[0], pairs[1]]
    return parts
