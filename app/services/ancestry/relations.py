"""Use case: what behaviour says of a model and others that somebody named, not searched for."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.dna.protocol import Protocol
from app.dna.reference import SMALLEST_POPULATION
from app.dna.relations import RELATIVES, VERDICTS, Verdict
from app.records import ModelRecord
from app.services.combining import decisive
from app.services.judging import Judged, judge
from app.store import entries, protocols
from app.store.database import Session

NOT_FINGERPRINTED = "It was never fingerprinted."
NOT_SHARED = "The two share no protocol."
NO_REFERENCE = (
    f"There is no reference yet: it takes {SMALLEST_POPULATION} models under one protocol to tell "
    "who is related."
)


@dataclass(frozen=True)
class Relation:
    """A pair as the protocol that decides judges it; `missing` says what there is too little of.

    Of models of the same content nothing need be judged: `judged` is None, `missing` empty.
    """

    verdict: Verdict
    protocol: Protocol | None = None
    judged: Judged | None = None
    missing: str = ""

    @property
    def nearness(self) -> tuple[int, float, float]:
        """Sorts relations, the nearest first: by the word, the p-value, the score."""
        grade = min(VERDICTS.index(self.verdict), VERDICTS.index("unrelated"))
        if self.judged is None:
            return grade, -1.0 if self.verdict in RELATIVES else 1.0, 0.0
        p_value = 1.0 if self.judged.p_value is None else self.judged.p_value
        return grade, p_value, -self.judged.score


COPY = Relation("same weights")


def relations(
    session: Session, model: ModelRecord, others: Sequence[ModelRecord]
) -> dict[str, Relation]:
    """Judge a model's pairs with some others, by their ids: as many tests as there are of them."""
    digests = {other.digest for other in others if other.digest and other.digest != model.digest}
    judged: dict[str, list[tuple[Protocol, Judged]]] = {}
    for own in entries.of_model(session, model) if digests else ():
        protocol = protocols.get(session, own.protocol_digest)
        found = entries.of_digests(session, protocol.digest, digests)
        pairs = judge(session, protocol, own, found, n_tests=len(found)).pairs
        for entry, pair in zip(found, pairs, strict=True):
            judged.setdefault(entry.model_digest, []).append((protocol, pair))
    return {other.id: _relation(session, model, other, judged) for other in others}


def _relation(
    session: Session,
    model: ModelRecord,
    other: ModelRecord,
    judged: dict[str, list[tuple[Protocol, Judged]]],
) -> Relation:
    if other.digest and other.digest == model.digest:
        return COPY
    several = judged.get(other.digest or "", [])
    if not several:
        known = entries.of_model(session, other) if other.digest else []
        return Relation("inconclusive", missing=NOT_SHARED if known else NOT_FINGERPRINTED)
    protocol = decisive([one for one, _ in several])
    pair = next(pair for one, pair in several if one is protocol)
    return Relation(pair.verdict, protocol, pair, "" if pair.standing is not None else NO_REFERENCE)
