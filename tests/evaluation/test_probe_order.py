"""The greedy order of probes: every step against brute force."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.evaluation.probe_order import separation

N_PAIRS = 60


def _parts(seed: int, n_probes: int):  # type: ignore[no-untyped-def]
    """Parts of pairs, a third of them related, of probes that differ in strength and agree."""
    rng = np.random.default_rng(seed)
    related = np.arange(N_PAIRS) < N_PAIRS // 3
    shared = rng.normal(size=(N_PAIRS, 2)) @ rng.normal(size=(2, n_probes))
    strengths = rng.uniform(0, 2, n_probes) * related[:, None]
    return strengths + shared + rng.normal(size=(N_PAIRS, n_probes)), related


@given(seed=st.integers(0, 9999), n_probes=st.integers(1, 7))
def test_each_next_probe_sets_pairs_farthest_apart(seed: int, n_probes: int) -> None:
    parts, related = _parts(seed, n_probes)
    found = separation(parts, related)
    order = found.order().tolist()
    assert sorted(order) == list(range(n_probes))

    def told(probes: list[int]) -> float:
        scores = parts[:, probes].sum(axis=1)
        gap = scores[related].mean() - scores[~related].mean()
        return float(gap / scores[~related].std(ddof=1))

    for rank, probe in enumerate(order):
        candidates = {other: told([*order[:rank], other]) for other in order[rank:]}
        assert np.isclose(candidates[probe], max(candidates.values()))
    assert np.allclose(found.alone, [told([probe]) for probe in range(n_probes)])


@given(seed=st.integers(0, 9999), n_probes=st.integers(2, 7))
def test_redundancy_is_the_correlation_with_those_before(seed: int, n_probes: int) -> None:
    parts, related = _parts(seed, n_probes)
    found = separation(parts, related)
    order = found.order()
    redundancies = found.redundancies(order)
    assert np.isnan(redundancies[0])
    strangers = parts[~related][:, order]
    for rank in range(1, n_probes):
        before = strangers[:, :rank].mean(axis=1)
        expected = np.corrcoef(before, strangers[:, rank])[0, 1]
        assert np.isclose(redundancies[rank], expected)


@given(seed=st.integers(0, 9999))
def test_the_order_follows_the_probes(seed: int) -> None:
    parts, related = _parts(seed, 6)
    moved = np.random.default_rng(seed).permutation(6)
    order = separation(parts, related).order()
    assert np.array_equal(moved[separation(parts[:, moved], related).order()], order)


def test_a_probe_that_repeats_another_comes_after_a_weaker_one_that_does_not() -> None:
    rng = np.random.default_rng(0)
    related = np.arange(3000) < 1000
    noise = rng.normal(size=(3000, 2))
    strong, weak = 2 * related + noise[:, 0], 1.2 * related + noise[:, 1]
    again = strong + 0.1 * rng.normal(size=3000)
    found = separation(np.stack([again, weak, strong], axis=1), related)
    order = found.order()
    assert order[1] == 1
    assert found.redundancies(order)[2] > 0.6


def test_probes_that_never_vary_come_last() -> None:
    parts, related = _parts(1, 4)
    parts[:, 2] = 0
    found = separation(parts, related)
    assert np.isfinite(found.alone).all()
    assert found.alone[2] == 0
    assert np.isfinite(found.redundancies(found.order())[1:]).all()
