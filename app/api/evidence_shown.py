"""Evidence over the wire: its schemas, and how they are filled from what was found."""

from pydantic import BaseModel, Field

from app.api.schemas import Judged, ModelLink, ReferenceVersion
from app.api.schemas import ProtocolName as ProtocolNamed
from app.api.views import judged_shown, protocol_name
from app.dna.phrases import Span
from app.dna.scores import NAMES
from app.records import EntryRecord, ModelRecord
from app.records import Evidence as Level
from app.services.evidence import Evidence, Place
from app.services.evidence_probes import MOST_ANSWER, Answer, Word
from app.services.evidence_probes import ShownProbe as Probe

AMONG = "Phrases are marked that both answers share and few other models of the reference use."
ALONE = (
    "There is no reference yet: scores are not centred, and phrases are marked that both "
    "answers share, whoever else uses them."
)
SCORED = (
    "A word speaks for a pair where both models are more surprised than expected, or both less."
)
SCORED_ALONE = f"{SCORED} There is no reference yet: each model's own mean is what is expected."


class PairSide(ModelLink):
    """A model, and how its entry was obtained."""

    evidence: Level


class ProbeScore(BaseModel):
    """What one probe adds: the mean of all is the value of the score."""

    index: int = Field(description="Its place in the probe set, from 0.")
    score: float


class ShownAnswer(BaseModel):
    """A model's answer; where several were drawn, the first of them."""

    text: str = Field(description=f"Its first {MOST_ANSWER:,} characters.")
    truncated: bool
    draws: int


class SharedPhrase(BaseModel):
    """Where a phrase stands in either answer: its first character and the one past its last.

    Offsets count Unicode code points.
    """

    a: Span
    b: Span


class ShownAnswers(BaseModel):
    """Both answers to a prompt, and the rare phrases that they share, none overlapping."""

    a: ShownAnswer
    b: ShownAnswer
    phrases: list[SharedPhrase]


class WordSide(BaseModel):
    """What a model gives to a word: nats, and how many standard deviations above expectation."""

    log_probability: float
    surprise: float


class ShownWord(BaseModel):
    """A scored word of a passage; its score is the product of both surprises."""

    span: Span
    a: WordSide
    b: WordSide
    expected: float | None = Field(
        description="The log-probability in the population; null where there is no reference."
    )
    score: float


class ShownProbe(ProbeScore):
    """A probe with what both models gave to it: answers to a prompt, or the words of a passage."""

    text: str
    answers: ShownAnswers | None
    words: list[ShownWord] | None


class Counts(BaseModel):
    """For each bin, how many models of the reference's cohort stand there with either model.

    The outer bins hold all that lies beyond them.
    """

    a: list[int]
    b: list[int]


class NullCurve(BaseModel):
    """How pairs of unrelated models stand, as a histogram: bin i lies between edges i and i + 1."""

    edges: list[float]
    shares: list[float] = Field(description="Of all unrelated pairs; few lie beyond the edges.")
    counts: Counts


class PairEvidence(Judged):
    """A pair's score under one protocol, what it is made of, and where it stands."""

    a: PairSide
    b: PairSide
    protocol: ProtocolNamed
    reference: ReferenceVersion
    score: str
    value: float
    probes: list[ProbeScore] = Field(description="All probes, those most for the pair first.")
    most_for: list[ShownProbe]
    most_against: list[ShownProbe]
    null: NullCurve | None = Field(description="Null where there is no reference.")
    note: str


def evidence_shown(a: ModelRecord, b: ModelRecord, found: Evidence) -> PairEvidence:
    """What was found of two models."""
    shared = found.shared
    return PairEvidence(
        a=_side(a, found.entries[0]),
        b=_side(b, found.entries[1]),
        protocol=protocol_name(shared.protocol),
        reference=ReferenceVersion(version=shared.reference_version),
        score=NAMES[shared.protocol.response],
        value=shared.judged.score,
        probes=[ProbeScore(index=i, score=found.scores[i]) for i in found.order],
        most_for=[_probe(probe) for probe in found.most_for],
        most_against=[_probe(probe) for probe in found.most_against],
        null=_null(found.place),
        note=_note(found),
        **judged_shown(shared.judged),
    )


def _side(model: ModelRecord, entry: EntryRecord) -> PairSide:
    return PairSide(id=model.id, name=model.name, ref=str(model.ref), evidence=entry.evidence)


def _note(found: Evidence) -> str:
    if found.shared.protocol.response == "likelihood":
        return SCORED if found.place else SCORED_ALONE
    return AMONG if found.place else ALONE


def _null(place: Place | None) -> NullCurve | None:
    if place is None:
        return None
    a, b = place.with_cohort
    return NullCurve(
        edges=place.curve.edges.tolist(),
        shares=place.curve.shares.tolist(),
        counts=Counts(a=a.tolist(), b=b.tolist()),
    )


def _probe(probe: Probe) -> ShownProbe:
    return ShownProbe(
        index=probe.index,
        score=probe.score,
        text=probe.text,
        answers=_answers(probe),
        words=[_word(word) for word in probe.words] or None,
    )


def _answers(probe: Probe) -> ShownAnswers | None:
    if probe.answers is None:
        return None
    a, b = map(_answer, probe.answers)
    return ShownAnswers(
        a=a, b=b, phrases=[SharedPhrase(a=phrase.a, b=phrase.b) for phrase in probe.phrases]
    )


def _answer(answer: Answer) -> ShownAnswer:
    return ShownAnswer(text=answer.text, truncated=answer.is_truncated, draws=answer.draws)


def _word(word: Word) -> ShownWord:
    a, b = (
        WordSide(log_probability=given, surprise=surprise)
        for given, surprise in zip(word.log_probabilities, word.surprises, strict=True)
    )
    return ShownWord(span=word.span, a=a, b=b, expected=word.expected, score=word.score)
