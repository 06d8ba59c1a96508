"""Use case: how alike a model and its relatives are among each other, for merges and siblings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.dna.scores import surprises
from app.records import ModelRecord
from app.services.combining import decisive
from app.store import entries, protocols, references
from app.store.database import Session


@dataclass(frozen=True, eq=False)
class Likeness:
    """Correlations (n, n) of how surprised models are, and each one's place, by its digest."""

    products: npt.NDArray[np.float64]
    places: Mapping[str, int]

    def distance(self, a: str, b: str) -> float | None:
        """One less the correlation of two models, None where either is not among them."""
        if a not in self.places or b not in self.places:
            return None
        return 1.0 - float(self.products[self.places[a], self.places[b]])


def likeness(session: Session, model: ModelRecord, others: Iterable[str]) -> Likeness:
    """Likeness of a model and those of these digests, as log-probabilities tell.

    There is nobody in it where the model has none, or their protocol no reference: answers in
    words were not measured to tell merges or siblings.
    """
    known = [protocols.get(session, e.protocol_digest) for e in entries.of_model(session, model)]
    scored = [protocol for protocol in known if protocol.response == "likelihood"]
    reference = references.latest(session, decisive(scored)) if scored else None
    if reference is None or not reference.version:
        return Likeness(np.empty((0, 0)), {})
    protocol = decisive(scored)
    found = entries.of_digests(session, protocol.digest, {model.digest or "", *others})
    rows = surprises(entries.strands(session, protocol, found), reference.mean)
    places = {entry.model_digest: place for place, entry in enumerate(found)}
    return Likeness(rows @ rows.T, places)
