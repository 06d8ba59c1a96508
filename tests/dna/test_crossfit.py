"""Cross-fitted centres: what a family has in common is not subtracted from its own pairs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.dna.crossfit import CrossFit, Placed, fisher_z
from app.dna.families import declared
from app.dna.scores import surprise_correlation
from tests import planted
from tests.planted import F32, F64

NOBODY = -1
N_FAMILIES, SIZE = 6, 5
OF = planted.families(N_FAMILIES, SIZE)
STRANGERS = ~np.equal.outer(OF, OF)


def undeclared(n: int) -> list[str]:
    return [""] * n


def everyone(of: CrossFit, strands: F32) -> Placed:
    return of.placed(strands, np.arange(len(strands)))


def outsiders(of: CrossFit, strands: F32) -> Placed:
    return of.placed(strands, np.full(len(strands), NOBODY))


@pytest.fixture(scope="module")
def drawn() -> tuple[F32, F32]:
    """A cohort of OF, and as many models of other families."""
    rng = np.random.default_rng(1)
    strands = planted.likelihoods(rng, OF + [N_FAMILIES + label for label in OF], kinship=0.85)
    return strands[: len(OF)], strands[len(OF) :]


@pytest.fixture(scope="module")
def found(drawn: tuple[F32, F32]) -> CrossFit:
    return CrossFit(drawn[0], declared(undeclared(len(OF))))


def test_families_are_found(found: CrossFit, drawn: tuple[F32, F32]) -> None:
    placed = everyone(found, drawn[0])
    assert [next(iter(some)) for some in placed.families] == OF
    assert all(len(some) == 1 for some in placed.families)


def test_what_is_no_member_is_put_with_its_relatives(drawn: tuple[F32, F32]) -> None:
    cohort, others = drawn
    kept = [index for index in range(len(OF)) if index not in {0, 7}]
    found = CrossFit(cohort[kept], declared(undeclared(len(kept))))
    families = everyone(found, cohort[kept]).families
    mine = outsiders(found, cohort[[0, 7]]).families
    for index, some in zip((0, 7), mine, strict=True):
        assert {families[kept.index(i)] for i in kept if OF[i] == OF[index]} == {some}
    assert set(outsiders(found, others).families) == {frozenset()}


def test_who_is_declared_a_relative_is_left_out_however_it_scores() -> None:
    """Kinship of 0.2 is too little to be seen."""
    strands = planted.likelihoods(np.random.default_rng(2), OF, kinship=0.2)
    seen = {declared_too: CrossFit(strands, declared(names)) for declared_too, names in (
        (True, planted.names(OF)),
        (False, undeclared(len(OF))),
    )}  # fmt: skip
    families = everyone(seen[True], strands).families
    assert [next(iter(some)) for some in families] == OF
    assert len(set(everyone(seen[False], strands).families)) > N_FAMILIES
    scores = [seen[told].compare(*[everyone(seen[told], strands)] * 2)[0] for told in (True, False)]
    kin = ~STRANGERS & ~np.eye(len(OF), dtype=bool)
    assert scores[0][kin].mean() > scores[1][kin].mean()


def test_a_pair_is_scored_without_the_families_of_either(
    found: CrossFit, drawn: tuple[F32, F32]
) -> None:
    cohort, others = drawn
    means = np.array([cohort[np.equal(OF, label)].mean(axis=0) for label in range(N_FAMILIES)])
    members, strangers = everyone(found, cohort[:8]), outsiders(found, others[:3])

    def centre(*left_out: int) -> F64:
        mean: F64 = np.delete(means, list(left_out), axis=0).mean(axis=0, dtype=np.float64)
        return mean

    within, standings = found.compare(members, members)
    across, _ = found.compare(members, strangers)
    for i in range(8):
        for j in range(8):
            pair = cohort[[i]], cohort[[j]]
            expected = surprise_correlation(*pair, centre(*{OF[i], OF[j]}))
            assert within[i, j] == pytest.approx(expected[0, 0], abs=1e-5)
        expected = surprise_correlation(cohort[[i]], others[:3], centre(OF[i]))
        assert across[i] == pytest.approx(expected[0], abs=1e-5)
    assert standings == pytest.approx(fisher_z(within, cohort[0].size))
    assert found.centre_of(members, strangers) == pytest.approx(centre(OF[0]), abs=1e-4)


def test_the_order_of_two_models_does_not_count(found: CrossFit, drawn: tuple[F32, F32]) -> None:
    a, b = everyone(found, drawn[0]), outsiders(found, drawn[1][:7])
    for one, other in zip(found.compare(a, b), found.compare(b, a), strict=True):
        assert one.shape == (len(OF), 7)
        assert np.allclose(one, other.T)
    nobody = outsiders(found, drawn[1][:0])
    assert found.compare(a, nobody)[0].shape == (len(OF), 0)
    assert found.compare(nobody, a)[0].shape == (0, len(OF))


@pytest.mark.parametrize("seed", range(3))
def test_strangers_score_alike_whether_the_cohort_holds_them_or_not(seed: int) -> None:
    """So a threshold of one population holds in another; with one centre for all it does not."""
    rng = np.random.default_rng(seed)
    words = planted.drawn_words(rng)
    cohort, others = (planted.likelihoods(rng, OF, 0.7, words) for _ in range(2))
    found = CrossFit(cohort, declared(planted.names(OF)))
    inside = found.compare(*[everyone(found, cohort)] * 2)[0][STRANGERS]
    outside = found.compare(*[outsiders(found, others)] * 2)[0][STRANGERS]
    assert abs(inside.mean() - outside.mean()) < 0.05
    naive = [surprise_correlation(some, some, cohort.mean(axis=0)) for some in (cohort, others)]
    pulled_down, pulled_up = (scores[STRANGERS].mean() for scores in naive)
    assert pulled_down == pytest.approx(-0.7 / (N_FAMILIES - 1), abs=0.03), "its kinship's share"
    assert pulled_up - pulled_down > 0.2
    threshold = np.quantile(inside, 0.99)
    assert (outside > threshold).mean() < 0.05
    assert (naive[1][STRANGERS] > np.quantile(naive[0][STRANGERS], 0.99)).mean() > 0.5


def test_relatives_stand_far_out(found: CrossFit, drawn: tuple[F32, F32]) -> None:
    standings = found.compare(*[everyone(found, drawn[0])] * 2)[1]
    kin = ~STRANGERS & ~np.eye(len(OF), dtype=bool)
    assert standings[kin].min() > 20 > 10 > standings[STRANGERS].max()
    assert np.isfinite(standings).all(), "that of a model with itself too"


@pytest.mark.parametrize("n_kinds", [1, 2, 3])
def test_models_that_answer_alike_give_numbers(n_kinds: int) -> None:
    kinds = planted.likelihoods(np.random.default_rng(3), list(range(n_kinds)))
    for strands in (kinds[np.arange(12) % n_kinds], np.full((12, 100, 10), -3, dtype=np.float32)):
        found = CrossFit(strands, declared(undeclared(12)))
        members = everyone(found, strands)
        silent = outsiders(found, np.zeros((2, 100, 10), dtype=np.float32))
        for a, b in ((members, members), (members, silent), (silent, silent)):
            assert all(np.isfinite(numbers).all() for numbers in found.compare(a, b))
        assert np.isfinite(found.centre_of(members, silent)).all()


@given(r=arrays(np.float64, 9, elements=st.floats(-1, 1)), n=st.integers(1, 2000))
def test_fisher_s_z_keeps_sign_and_order(r: F64, n: int) -> None:
    z = fisher_z(r, n)
    assert np.isfinite(z).all()
    assert (np.diff(z[np.argsort(r)]) >= 0).all()
    assert np.allclose(fisher_z(-r, n), -z)
    assert (np.sign(z) == np.sign(r)).all()


def test_fisher_s_z_is_in_standard_errors() -> None:
    rng = np.random.default_rng(4)
    a, b = rng.normal(size=(2, 4000, 50))
    a -= a.mean(axis=1, keepdims=True)
    b -= b.mean(axis=1, keepdims=True)
    r = (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    assert fisher_z(r, 50).std() == pytest.approx(1, abs=0.04)
