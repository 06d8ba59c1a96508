"""Use case: what behaviour says of all pairs of some entries, compared at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.dna import flags
from app.dna.flags import BLIND, Strangers
from app.dna.population import Compared
from app.dna.protocol import Protocol
from app.dna.relations import operating_points
from app.dna.scores import Strands, surprises
from app.records import EntryRecord
from app.services.populations import current, members
from app.store import entries
from app.store.database import Session

F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Pairs = Iterable[tuple[int, int]]


@dataclass(frozen=True, eq=False)
class Comparison:
    """All pairs of n entries, (n, n): numbers, and which must not be matched.

    `likeness` are correlations of centred log-probabilities, None for other responses or without
    a reference.
    """

    reference_version: int
    compared: Compared
    blind: Mask
    likeness: F64 | None


def compare_all(
    session: Session, protocol: Protocol, found: Sequence[EntryRecord], declared: Pairs
) -> Comparison:
    """Compare all entries with each other.

    What makes a pair blind is looked for where it matters: in pairs that could be relatives by
    their numbers, and in those that are `declared`.
    """
    reference, population = current(session, protocol)
    strands = entries.strands(session, protocol, found)
    seen = population.seen(strands, members(reference, found))
    compared = population.compare(seen, seen)
    likeness = None
    if protocol.response == "likelihood" and reference.version:
        rows = surprises(strands, reference.mean)
        likeness = rows @ rows.T
    looked_at = compared.p_value <= operating_points(protocol).p_value
    for a, b in declared:
        looked_at[a, b] = True
    blind = _blind(protocol, strands, population.strangers, looked_at | looked_at.T)
    return Comparison(reference.version, compared, blind, likeness)


def _blind(protocol: Protocol, strands: Strands, strangers: Strangers, looked_at: Mask) -> Mask:
    each = flags.of_entries(protocol, strands)
    alone = np.array([not BLIND.isdisjoint(some) for some in each], dtype=bool)
    blind: Mask = alone[:, None] | alone[None]
    for a, b in np.argwhere(np.triu(looked_at & ~blind, 1)).tolist():
        [raised] = flags.of_pairs(protocol, strands[a], strands[b : b + 1], strangers)
        blind[a, b] = blind[b, a] = not BLIND.isdisjoint(raised)
    return blind
