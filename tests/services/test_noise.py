"""Noise: over all pairs of runs, scored as any two models are."""

from itertools import combinations, count

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.dna.population import absent
from app.dna.protocol import Protocol, lexical_v1, likelihood_v1, reported_vectors
from app.dna.strand import Strand
from app.records import EntryRecord
from app.services.freezing import refresh_references
from app.services.noise import ROUNDING, Noise, noise_of
from app.services.populations import current
from app.store import entries, protocols, replicates
from app.store.database import Database
from tests.store.making import add_vectors, make_model

QUICK = settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
VECTORS = reported_vectors("vectors", 4)
NUMBERS = st.floats(-10, 10, width=32)
labels = (f"m{number}" for number in count())


def repeated(
    database: Database, protocol: Protocol, runs: npt.NDArray[np.floating]
) -> Noise | None:
    """The noise of a new model, whose first run is its entry and the others replicates."""
    with database.write() as session:
        protocol = protocols.ensure(session, protocol)
        model = make_model(session, next(labels))
        findings = [
            entries.Finding(
                model,
                protocol,
                Strand(protocol.digest, run),
                [],
                evidence="weights",
                environment={},
            )
            for run in runs.astype(protocol.dtype)
        ]
        [(entry, _)] = entries.add(session, findings[:1])
        for number, finding in enumerate(findings[1:], 1):
            replicates.add(session, number, [finding])
    return noise(database, protocol, entry)


def noise(database: Database, protocol: Protocol, entry: EntryRecord) -> Noise | None:
    with database.read() as session:
        return noise_of(session, current(session, protocol)[1], entry)


@QUICK
@given(
    runs=arrays(np.float32, st.tuples(st.integers(2, 6), st.just(1), st.just(4)), elements=NUMBERS)
)
def test_all_pairs_count(database: Database, runs: npt.NDArray[np.float32]) -> None:
    found = repeated(database, VECTORS, runs)

    def cosine(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
        length = np.linalg.norm(a) * np.linalg.norm(b)
        return float(a @ b / length) if length else 0.0

    rows = runs[:, 0].astype(np.float64)
    scores = [cosine(a, b) for a, b in combinations(rows, 2)]
    assert found is not None
    assert found.replicates == len(runs) - 1
    assert found.mean_score == pytest.approx(np.mean(scores), abs=1e-6)
    assert found.lowest_score == pytest.approx(min(scores), abs=1e-6)
    assert all(found.covers(value) for value in scores)


def test_a_model_that_was_never_repeated_has_none(shared_registry: Database) -> None:
    with shared_registry.read() as session:
        for protocol in (likelihood_v1(), lexical_v1()):
            [entry, *_] = entries.oldest(session, protocol, 1)
            assert noise_of(session, absent(protocol), entry) is None


@pytest.mark.parametrize("protocol", [likelihood_v1(), lexical_v1()], ids=lambda p: p.name)
def test_equal_runs_have_no_noise(database: Database, protocol: Protocol) -> None:
    run = np.random.default_rng(0).normal(size=protocol.shape)
    found = repeated(database, protocol, np.stack([run] * 3))
    assert found is not None
    assert found.lowest_score == pytest.approx(1, abs=ROUNDING / 5)
    assert found.covers(1 - ROUNDING / 2), "rounding must not tell equal strands apart"
    assert not found.covers(1 - 2 * ROUNDING)


def test_noise_grows_with_what_differs(database: Database) -> None:
    rng = np.random.default_rng(0)
    run, other = rng.normal(size=(2, *likelihood_v1().shape))
    lowest = []
    for share in (0.0, 0.01, 0.1, 0.5):
        found = repeated(database, likelihood_v1(), -np.exp([run, run + share * other]))
        assert found is not None
        assert found.mean_score == found.lowest_score, "there is one pair only"
        lowest.append(found.lowest_score)
    assert lowest == sorted(lowest, reverse=True)
    assert lowest[0] > 0.999 > lowest[-1]


def test_the_reference_is_subtracted_first(database: Database) -> None:
    far = np.array([100.0, 0, 0, 0])
    runs = far + np.array([[[0.0, 1, 0, 0]], [[0.0, 0, 1, 0]]])
    before = repeated(database, VECTORS, runs)
    rng = np.random.default_rng(1)
    add_vectors(database, VECTORS, far + rng.normal(size=(30, 4)))
    refresh_references(database)
    with database.read() as session:
        [entry] = entries.oldest(session, VECTORS, 1)
    after = noise(database, VECTORS, entry)
    assert before is not None
    assert after is not None
    assert before.lowest_score > 0.999
    assert after.lowest_score < 0.9
