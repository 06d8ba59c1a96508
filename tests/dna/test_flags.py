"""Flags: what must raise them, and above all what must not."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.dna.flags import Flag, Strangers, of_entries, of_pairs
from app.dna.lexical import encode_answers
from app.dna.paper import text_dna_concat_v1
from app.dna.probes import ProbeSet
from app.dna.protocol import Protocol, likelihood_v1, reported_answers, reported_vectors
from app.dna.scores import Strands

N_PROBES, N_COHORT = 40, 120
WORDS = [f"{a}{b}" for a in "bdfgklmnprst" for b in ("ane", "ild", "oro", "usk", "ey", "um", "a")]
PROBES = tuple(f"Say something about number {number}." for number in range(N_PROBES))
PROTOCOL = reported_answers(ProbeSet("flags", PROBES))
WIDTH = PROTOCOL.width
Strand = npt.NDArray[np.float16]
PAPERS = text_dna_concat_v1(
    PROTOCOL.probe_set, "e", "0" * 64, reduction="none", normalise_rows=True, generation=()
)


def _written(rng: np.random.Generator, n_words: int = 150) -> list[str]:
    """Answers of one model to all probes: some words are everyone's, some only the probe's."""
    ranks = rng.zipf(1.3, size=(N_PROBES, n_words)) % len(WORDS)
    return [
        " ".join(WORDS[(rank + (probe if rank % 3 else 0)) % len(WORDS)] for rank in row)
        for probe, row in enumerate(ranks)
    ]


def _strand(answers: Sequence[str]) -> Strand:
    return encode_answers(answers, WIDTH)


def of_entry(protocol: Protocol, strand: Strands) -> tuple[Flag, ...]:
    [raised] = of_entries(protocol, strand[None])
    return raised


def of_pair(protocol: Protocol, a: Strands, b: Strands, cohort: Strands) -> tuple[Flag, ...]:
    [raised] = of_pairs(protocol, a, b[None], Strangers(cohort))
    return raised


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture(scope="module")
def cohort() -> Strand:
    rng = np.random.default_rng(3)
    return np.stack([_strand(_written(rng)) for _ in range(N_COHORT)])


def _spliced(rng: np.random.Generator, own: Sequence[str], other: Sequence[str], share: float):  # type: ignore[no-untyped-def]
    taken = rng.permutation(N_PROBES) < round(share * N_PROBES)
    return [b if take else a for a, b, take in zip(own, other, taken, strict=True)]


@given(answer=st.text(max_size=40), other=st.text(max_size=40), n_other=st.integers(0, 5))
def test_a_canned_answer_is_constant(answer: str, other: str, n_other: int) -> None:
    answers = [other] * n_other + [answer] * (N_PROBES - n_other)
    assert of_entry(PROTOCOL, _strand(answers)) == ("constant_answers",)


@given(kept=st.integers(0, 5), seed=st.integers(0, 99))
@settings(max_examples=20)
def test_nearly_all_empty_is_constant(kept: int, seed: int) -> None:
    written = _written(np.random.default_rng(seed), 20)
    answers = [text if number < kept else "" for number, text in enumerate(written)]
    assert of_entry(PROTOCOL, _strand(answers)) == ("constant_answers",)


@given(seed=st.integers(0, 99), n_words=st.integers(5, 60), n_empty=st.integers(0, N_PROBES // 3))
@settings(max_examples=20)
def test_an_answering_model_has_no_flag(seed: int, n_words: int, n_empty: int) -> None:
    written = _written(np.random.default_rng(seed), n_words)
    assert of_entry(PROTOCOL, _strand([""] * n_empty + written[n_empty:])) == ()


def test_answers_of_a_word_or_two_are_short(rng: np.random.Generator) -> None:
    cut = [" ".join(text.split()[:2]) for text in _written(rng)]
    assert of_entry(PROTOCOL, _strand(cut)) == ("short_answers",)


@given(
    level=st.floats(-50, 0),
    by_word=st.lists(st.floats(-5, 0), min_size=10, max_size=10),
    noise=st.floats(0, 0.01),
)
def test_log_probabilities_that_the_words_do_not_move_are_constant(
    level: float, by_word: list[float], noise: float
) -> None:
    moved = np.random.default_rng(1).standard_normal((100, 10))
    strand = np.array(by_word) + level - 1 + noise * moved
    assert of_entry(likelihood_v1(), strand) == ("constant_answers",)
    assert of_entry(likelihood_v1(), strand + 3 * moved * (1 - level / 10)) == ()


def test_vectors_and_single_probes_have_no_flag(rng: np.random.Generator) -> None:
    vectors = reported_vectors("handed in", 8)
    vector = rng.standard_normal((1, 8))
    assert of_entry(vectors, vector) == of_pair(vectors, vector, vector, vector[None]) == ()
    one = reported_answers(ProbeSet("one", PROBES[:1]))
    assert of_entry(one, _strand(["yes, of course it is"])) == ()


@pytest.mark.parametrize("protocol", [PROTOCOL, PAPERS], ids=["lexical", "sentence"])
@pytest.mark.parametrize("share", [0.9, 1.0])
def test_nearly_all_answers_equal(
    protocol: Protocol, share: float, cohort: Strand, rng: np.random.Generator
) -> None:
    own, other = _written(rng), _written(rng)
    a, b = _strand(_spliced(rng, own, other, share)), _strand(other)
    assert of_pair(protocol, a, b, cohort) == ("identical_answers",)
    assert of_pair(protocol, a, b, cohort[:0]) == ("identical_answers",)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.7])
def test_answers_taken_from_a_stranger_are_copied(
    cohort: Strand, share: float, rng: np.random.Generator
) -> None:
    """Mostly: one pair of strangers in fifty is nearer than UNRELATED by chance."""
    flagged = 0
    for _ in range(10):
        own, other = _written(rng), _written(rng)
        a, b = _strand(_spliced(rng, own, other, share)), _strand(other)
        flags = of_pair(PROTOCOL, a, b, cohort)
        assert flags == of_pair(PROTOCOL, b, a, cohort)
        assert of_pair(PROTOCOL, a, b, cohort[:0]) == ()  # Who is a stranger is not known then.
        flagged += flags == ("copied_answers",)
    assert flagged >= 8


@given(seed=st.integers(0, 999))
@settings(max_examples=25)
def test_strangers_have_no_flag(cohort: Strand, seed: int) -> None:
    rng = np.random.default_rng(seed)
    assert of_pair(PROTOCOL, _strand(_written(rng)), _strand(_written(rng)), cohort) == ()


@given(seed=st.integers(0, 999), equal=st.floats(0.2, 0.6))
@settings(max_examples=25)
def test_equal_answers_of_relatives_are_no_copies(cohort: Strand, seed: int, equal: float) -> None:
    """Greedy answers of one family: some are equal, the others part at some word."""
    rng = np.random.default_rng(seed)
    parent, fresh = _written(rng), _written(rng)
    child = [
        " ".join([*one.split()[: (kept := int(rng.integers(30, 120)))], *other.split()[kept:]])
        for one, other in zip(parent, fresh, strict=True)
    ]
    child = _spliced(rng, child, parent, equal)
    assert of_pair(PROTOCOL, _strand(child), _strand(parent), cohort) == ()


@given(seed=st.integers(0, 999))
@settings(max_examples=10)
def test_short_answers_may_be_equal_by_chance(cohort: Strand, seed: int) -> None:
    rng = np.random.default_rng(seed)
    own, other = _written(rng), _written(rng)
    shared = _spliced(rng, own, [text[:60] for text in other], 0.5)
    other = _spliced(np.random.default_rng(seed), other, [text[:60] for text in other], 0.5)
    assert of_pair(PROTOCOL, _strand(shared), _strand(other), cohort) == ()


def test_what_many_models_answer_is_nobodys(cohort: Strand, rng: np.random.Generator) -> None:
    canned = _strand(_written(rng))
    a, b = _strand(_written(rng)), _strand(_written(rng))
    everybody = cohort.copy()
    for strand in (a, b, *everybody[:10]):
        strand[:15] = canned[:15]
    assert of_pair(PROTOCOL, a, b, cohort) == ("copied_answers",)
    assert of_pair(PROTOCOL, a, b, everybody) == ()


def test_models_that_repeat_the_probe_did_not_copy(
    cohort: Strand, rng: np.random.Generator
) -> None:
    texts = _written(rng)
    protocol = reported_answers(ProbeSet("long", tuple(texts)))
    a = _strand(_spliced(np.random.default_rng(1), _written(rng), texts, 0.4))
    b = _strand(_spliced(np.random.default_rng(1), _written(rng), texts, 0.4))
    assert of_pair(PROTOCOL, a, b, cohort) == ("copied_answers",)
    assert of_pair(protocol, a, b, cohort) == ()
