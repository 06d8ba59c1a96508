"""Evidence: what is shown of a pair adds up to its score and is what the models said."""

from collections.abc import Iterator

import numpy as np
import pytest

from app.dna.evidence import BINS
from app.dna.lexical import TOKEN
from app.dna.protocol import (
    lexical_sampled_v1,
    lexical_v1,
    likelihood_v1,
    reported_vectors,
)
from app.errors import ConflictError, InputError, NotFoundError
from app.services.comparison import compare
from app.services.evidence import Evidence, explain
from app.services.evidence_probes import MOST_ANSWER, ShownProbe, scored_spans
from app.services.freezing import refresh_references
from app.store import entries, models, protocols, schema
from app.store.database import Database
from tests.store.making import add_vectors, answers_protocol, make_finding, make_model
from tests.synthetic import PROTOCOL, add_local

N_STRANGERS = 31


def evidence(
    database: Database, a: str, b: str, protocol: str | None = None, n: int = 5
) -> Evidence:
    with database.read() as session:
        pair = models.find(session, a), models.find(session, b)
        chosen = None if protocol is None else protocols.get(session, protocol)
        return explain(session, *pair, chosen, n)


def shown(found: Evidence) -> list[ShownProbe]:
    return [*found.most_for, *found.most_against]


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A parent, its child and 30 strangers under both default protocols, with references."""
    opened = Database(f"sqlite:///{tmp_path_factory.mktemp('crowded') / 'genebank.db'}")
    schema.upgrade(opened)
    rng = np.random.default_rng(7)
    for number in range(N_STRANGERS):
        add_local(opened, f"stranger{number}", scores(rng))
    parent = scores(rng)
    add_local(opened, "parent", parent)
    add_local(opened, "child", np.minimum(parent + 0.05 * rng.standard_normal(parent.shape), -0.01))
    refresh_references(opened)
    yield opened
    opened.close()


def scores(rng: np.random.Generator) -> np.ndarray:
    return np.minimum(-8 + 2 * rng.standard_normal((100, 10)), -0.01)


@pytest.mark.parametrize("protocol", ["likelihood-v1", "lexical-v1"])
@pytest.mark.parametrize("pair", [("child", "parent"), ("child", "stranger3")])
def test_what_the_probes_add_is_the_score_that_compare_gives(
    crowded: Database, protocol: str, pair: tuple[str, str]
) -> None:
    found = evidence(crowded, *pair, protocol)
    with crowded.read() as session:
        compared = compare(session, *(models.find(session, name) for name in pair))
    [shared] = [one for one in compared.shared if one.protocol.name == protocol]
    assert found.shared == shared
    assert found.shared.reference_version == 1
    assert found.scores.mean() == pytest.approx(shared.judged.score, abs=1e-6)
    ordered = found.scores[found.order]
    assert (np.diff(ordered) <= 0).all()
    assert [probe.index for probe in found.most_for] == found.order[:5]
    assert [probe.index for probe in found.most_against] == found.order[:-6:-1]
    for probe in shown(found):
        assert probe.score == found.scores[probe.index]
        assert probe.text == shared.protocol.probe_set.probes[probe.index]


def test_of_a_passage_every_word_is_shown_with_what_both_models_gave(crowded: Database) -> None:
    found = evidence(crowded, "child", "parent")
    assert found.shared.protocol == likelihood_v1()
    with crowded.read() as session:
        a, b = (
            entries.responses(
                session, entries.get(session, models.find(session, n), likelihood_v1())
            )
            for n in ("child", "parent")
        )
    for probe in shown(found):
        assert probe.answers is None
        texts = [probe.text[slice(*word.span)] for word in probe.words]
        assert texts == probe.text.split(" ")[-10:]
        given = [word.log_probabilities for word in probe.words]
        np.testing.assert_allclose(given, np.transpose([a[probe.index], b[probe.index]]), rtol=1e-6)
        assert np.mean([word.score for word in probe.words]) == pytest.approx(probe.score)
        for word in probe.words:
            assert word.score == pytest.approx(np.prod(word.surprises))
            assert word.expected is not None
            assert word.expected < 0


def test_of_a_prompt_both_answers_are_shown_with_the_words_that_they_share(
    crowded: Database,
) -> None:
    found = evidence(crowded, "child", "parent", "lexical-v1", n=50)
    with crowded.read() as session:
        mine, theirs = (
            entries.responses(session, entries.get(session, models.find(session, n), lexical_v1()))
            for n in ("child", "parent")
        )
    assert len(shown(found)) == 100
    for probe in shown(found):
        assert probe.words == ()
        assert probe.answers is not None
        a, b = (answer.text for answer in probe.answers)
        assert (a, b) == (mine[probe.index], theirs[probe.index])
        for phrase in probe.phrases:
            words = [TOKEN.findall(t[slice(*s)].lower()) for t, s in ((a, phrase.a), (b, phrase.b))]
            assert words[0] == words[1]
            assert len(words[0]) >= 3
    marked = [len(probe.phrases) for probe in found.most_for]
    assert np.mean(marked) > 1
    strangers = evidence(crowded, "child", "stranger0", "lexical-v1", n=50)
    assert not any(probe.phrases for probe in shown(strangers))


def test_the_pair_stands_among_the_pairs_of_the_reference(crowded: Database) -> None:
    for protocol in ("likelihood-v1", "lexical-v1"):
        near = evidence(crowded, "child", "parent", protocol)
        far = evidence(crowded, "child", "stranger3", protocol)
        assert near.place is not None
        assert far.place is not None
        assert near.place.curve.shares.shape == (BINS,)
        for counts in near.place.with_cohort:
            assert counts.sum() == N_STRANGERS
        [of_child, _] = far.place.with_cohort
        assert of_child[-1] == 1, "the parent stands far above the others"


def test_without_a_reference_shared_words_are_marked_and_nothing_is_expected(
    shared_registry: Database,
) -> None:
    found = evidence(shared_registry, "acme/wolf", "wolf-chat")
    assert found.shared.protocol.name == PROTOCOL
    assert (found.place, found.shared.reference_version) == (None, 0)
    assert found.shared.judged.verdict == "inconclusive"
    assert len(found.most_for) == len(found.most_against) == 3
    assert {probe.index for probe in shown(found)} == set(range(6))
    lengths = [phrase.a[1] - phrase.a[0] for probe in shown(found) for phrase in probe.phrases]
    assert min(lengths) >= 4 * 4  # four words of four letters or more
    scored = evidence(shared_registry, "founder", "child")
    assert scored.shared.protocol == likelihood_v1()
    assert {word.expected for probe in shown(scored) for word in probe.words} == {None}
    assert scored.scores.mean() == pytest.approx(scored.shared.judged.score)


def test_the_order_of_the_models_is_that_of_the_question(shared_registry: Database) -> None:
    there = evidence(shared_registry, "acme/wolf", "wolf-chat")
    back = evidence(shared_registry, "wolf-chat", "acme/wolf")
    assert there.order == back.order
    assert there.entries == back.entries[::-1]
    for one, other in zip(shown(there), shown(back), strict=True):
        assert one.answers is not None
        assert other.answers is not None
        assert one.answers == other.answers[::-1]


def test_long_answers_are_cut_and_of_several_draws_the_first_is_shown(database: Database) -> None:
    long, drawn = answers_protocol("long"), lexical_sampled_v1()
    with database.write() as session:
        for name in ("a", "b"):
            model = make_model(session, name)
            texts = [name + " long" * MOST_ANSWER, "short"]
            draws = [[f"{name} draw {draw}" for draw in range(4)] for _ in range(drawn.n_probes)]
            for protocol, responses in ((long, texts), (drawn, draws)):
                stored = protocols.ensure(session, protocol)
                entries.add(session, [make_finding(model, stored, responses)])
    found = evidence(database, "a", "b", "long")
    cut = {
        probe.index: [(len(one.text), one.is_truncated) for one in probe.answers or ()]
        for probe in shown(found)
    }
    assert cut == {0: [(MOST_ANSWER, True)] * 2, 1: [(len("short"), False)] * 2}
    several = evidence(database, "a", "b")
    assert several.shared.protocol == drawn
    answers = several.most_for[0].answers
    assert answers is not None
    assert [(one.text, one.draws) for one in answers] == [("a draw 0", 4), ("b draw 0", 4)]


def test_copies_are_equal_in_all_that_is_shown(registry: Database) -> None:
    with registry.write() as session:
        make_model(session, "copy", digest=models.find(session, "founder").digest)
    found = evidence(registry, "founder", "copy", "lexical-v1")
    assert found.entries[0] == found.entries[1]
    for probe in shown(found):
        assert probe.score == pytest.approx(1, abs=1e-6)
        assert probe.answers is not None
        assert probe.answers[0] == probe.answers[1]
        assert [(p.a, p.b) for p in probe.phrases] == [((0, len(probe.answers[0].text)),) * 2]


def test_what_cannot_be_explained_says_why(registry: Database) -> None:
    add_vectors(registry, reported_vectors("given", 3), np.eye(3))
    with registry.write() as session:
        make_model(session, "unread")
    for pair, protocol, error, code in (
        (("founder", "founder"), None, InputError, "same_model"),
        (("founder", "acme/wolf"), None, NotFoundError, "no_shared_protocol"),
        (("founder", "unread"), None, NotFoundError, "not_fingerprinted: unread"),
        (("founder", "acme/wolf"), PROTOCOL, NotFoundError, "not_fingerprinted: founder"),
        (("v0 given", "v1 given"), None, ConflictError, "no_probes_to_show: given"),
    ):
        with pytest.raises(error, match=code):
            evidence(registry, *pair, protocol)


@pytest.mark.parametrize(
    ("passage", "n", "words"),
    [
        ("one two three", 2, ["two", "three"]),
        ("one two", 1, ["two"]),
        ("ö 🦊 z", 3, ["ö", "🦊", "z"]),
    ],
)
def test_the_last_words_of_a_passage_are_those_that_are_scored(
    passage: str, n: int, words: list[str]
) -> None:
    assert [passage[slice(*span)] for span in scored_spans(passage, n)] == words
