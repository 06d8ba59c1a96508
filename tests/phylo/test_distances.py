"""Distances: what trees rely on, kind by kind; what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.dna.population import Population, absent, freeze
from app.dna.protocol import Protocol, lexical_v1, likelihood_v1, reported_vectors
from app.errors import InputError
from app.phylo import distances
from app.phylo.distances import Distances, Kind, join

PROTOCOLS = (likelihood_v1(), lexical_v1(), reported_vectors("made", 40))
MEASURED = [(protocol, m) for protocol in PROTOCOLS for m in (0, 34)]
each = pytest.mark.parametrize(
    ("protocol", "m"), MEASURED, ids=lambda one: getattr(one, "name", one)
)


def made(protocol: Protocol, n: int, seed: int = 0) -> np.ndarray:
    """Strands of n models, each the half of one that came before."""
    rng = np.random.default_rng(seed)
    strands = rng.standard_normal((n, *protocol.shape))
    for child in range(2, n):
        strands[child] += strands[rng.integers(child)]
    if protocol.response == "likelihood":
        strands = -np.exp(strands)
    if protocol.response == "answer":
        strands /= np.linalg.norm(strands, axis=2, keepdims=True)
    return strands.astype(protocol.dtype)


def population(protocol: Protocol, m: int) -> Population:
    return freeze(protocol, made(protocol, m, seed=9), [""] * m) if m else absent(protocol)


def measured(protocol: Protocol, m: int) -> Distances:
    return Distances(population(protocol, m))


@each
def test_what_neighbour_joining_asks_for(protocol: Protocol, m: int) -> None:
    found = measured(protocol, m)
    rows = found.rows(made(protocol, 12), np.full(12, -1))
    matrix = found.between(rows, rows)
    assert matrix.dtype == np.float64
    assert np.array_equal(matrix, matrix.T)
    assert not matrix.diagonal().any()
    off = matrix[~np.eye(12, dtype=bool)]
    assert 0 < off.min() < off.max() < 10


@each
def test_a_matrix_grows_by_entry(protocol: Protocol, m: int) -> None:
    found = measured(protocol, m)
    strands = made(protocol, 9)
    members = np.array([*range(min(m, 3)), *[-1] * (9 - min(m, 3))])
    rows = found.rows(strands, members)
    whole = found.between(rows, rows)
    one_by_one = [found.rows(strands[i : i + 1], members[i : i + 1]) for i in range(9)]
    joined = join(one_by_one)
    assert len(joined) == len(rows) == 9
    assert np.allclose(found.between(joined[:5], joined[[8, 2]]), whole[:5][:, [8, 2]], atol=1e-6)
    assert np.allclose(found.between(joined[3], joined[4]), whole[3, 4], atol=1e-6)
    assert np.allclose(found.between(rows[:4], rows[4:]), found.between(rows[4:], rows[:4]).T)


@each
def test_each_probe_once_is_no_resampling(protocol: Protocol, m: int) -> None:
    found = measured(protocol, m)
    rows = found.rows(made(protocol, 10), np.full(10, -1))
    ones = np.ones((2, protocol.n_probes))
    for one in found.replicates(rows, ones * [[1], [3]]):
        assert np.allclose(one, found.between(rows, rows), atol=1e-6)
        assert np.array_equal(one, one.T)


@pytest.mark.parametrize("protocol", PROTOCOLS[:2], ids=lambda one: one.name)
@given(seed=st.integers(0, 1000))
@settings(deadline=None, max_examples=10)
def test_a_weight_says_how_often_a_probe_was_drawn(protocol: Protocol, seed: int) -> None:
    rng = np.random.default_rng(seed)
    strands = made(protocol, 6, seed)
    p = protocol.n_probes
    drawn = np.sort(rng.integers(p, size=p))
    found = measured(protocol, 34)
    rows = found.rows(strands, np.full(6, -1))
    again = tuple(
        column[:, drawn] if column.ndim > 1 and column.shape[1] == p else column
        for column in rows.columns
    )
    expected = found.between(distances.Rows(again, rows.keys), distances.Rows(again, rows.keys))
    weights = np.bincount(drawn, minlength=p)[None].astype(float)
    [counted] = found.replicates(rows, weights)
    assert np.allclose(counted, expected, atol=1e-5)


@each
def test_little_memory_gives_the_same(
    protocol: Protocol, m: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = measured(protocol, m)
    rows = found.rows(made(protocol, 11), np.full(11, -1))
    weights = np.random.default_rng(0).multinomial(
        protocol.n_probes, np.full(protocol.n_probes, 1 / protocol.n_probes), size=7
    )
    whole = found.between(rows, rows), list(found.replicates(rows, weights.astype(float)))
    monkeypatch.setattr(distances, "MOST_TERMS", 3 * 11 * protocol.n_probes)
    monkeypatch.setattr(distances, "MOST_REPLICATED", 3 * 11 * 11)
    assert np.allclose(found.between(rows, rows), whole[0], atol=1e-6)
    for one, other in zip(found.replicates(rows, weights.astype(float)), whole[1], strict=True):
        assert np.allclose(one, other, atol=1e-6)


@each
def test_equal_strands_have_no_distance(protocol: Protocol, m: int) -> None:
    found = measured(protocol, m)
    strands = made(protocol, 5)
    strands[3] = strands[1]
    rows = found.rows(strands, np.full(5, -1))
    for matrix in (
        found.between(rows, rows),
        found.between(rows, rows[:]),
        *found.replicates(rows, np.ones((1, protocol.n_probes))),
    ):
        assert matrix[1, 3] == matrix[3, 1] == matrix[2, 2] == 0
        assert np.allclose(matrix[3], matrix[1], atol=1e-6)


@each
@pytest.mark.parametrize("n", [1, 2])
def test_few_models(protocol: Protocol, m: int, n: int) -> None:
    found = measured(protocol, m)
    rows = found.rows(made(protocol, n), np.full(n, -1))
    assert found.between(rows, rows).shape == (n, n)
    [one] = found.replicates(rows, np.ones((1, protocol.n_probes)))
    assert one.shape == (n, n)


@each
def test_a_model_that_always_says_the_same_is_a_stranger(protocol: Protocol, m: int) -> None:
    found = measured(protocol, m)
    strands = made(protocol, 6)
    strands[0] = -1 if protocol.response == "likelihood" else 0
    rows = found.rows(strands, np.full(6, -1))
    matrix = found.between(rows, rows)
    assert np.isfinite(matrix).all()
    assert matrix[0, 1:].min() > matrix[1:, 1:].min()


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda one: one.name)
def test_opposite_strands_are_farthest(protocol: Protocol) -> None:
    found = measured(protocol, 0)
    strands = made(protocol, 3)
    # The logarithm of a surprisal is what is compared.
    strands[1] = 1 / strands[0] if protocol.response == "likelihood" else -strands[0]
    rows = found.rows(strands, np.full(3, -1))
    matrix = found.between(rows, rows)
    assert matrix[0, 1] == matrix.max()


@each
def test_a_kind_may_be_asked_for(protocol: Protocol, m: int) -> None:
    everyone, strands = population(protocol, m), made(protocol, 6)
    best = Distances(everyone)
    ranked = protocol.response == "answer" and m > 0
    assert best.kind == ("log_rank" if ranked else "angular")
    found: dict[Kind, np.ndarray] = {}
    for kind in ("angular", "log_rank") if ranked else ("angular",):
        one = Distances(everyone, kind)
        assert one.kind == kind
        rows = one.rows(strands)
        found[kind] = one.between(rows, rows)
        [again] = one.replicates(rows, np.ones((1, protocol.n_probes)))
        assert np.allclose(again, found[kind], atol=1e-6)
    rows = best.rows(strands)
    assert np.array_equal(best.between(rows, rows), found[best.kind])
    if ranked:
        assert not np.allclose(found["angular"], found["log_rank"], atol=0.01)
        return
    with pytest.raises(InputError, match="bad_distance"):
        Distances(everyone, "log_rank")


def test_angles_do_not_depend_on_who_lies_near() -> None:
    """With the same centre, twenty copies of a model in the cohort change its log-ranks only."""
    protocol, kinds = lexical_v1(), ("angular", "log_rank")
    strands = made(protocol, 40, seed=9)
    few = freeze(protocol, strands, [""] * 40)
    crowd = np.concatenate([strands[:20], np.repeat(strands[:1], 20, axis=0)])
    many = Population(protocol, crowd, few.centre, [""] * 40, few.null)
    for kind, same in zip(kinds, (True, False), strict=True):
        one, other = (
            measure.between(rows := measure.rows(strands[:5]), rows)[0, 1:]
            for measure in (Distances(few, kind), Distances(many, kind))
        )
        assert np.allclose(one, other, atol=1e-6) is same


def test_a_kind_that_is_unknown() -> None:
    with pytest.raises(InputError, match="angular or log_rank"):
        Distances(absent(lexical_v1()), "euclidean")  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_strands_that_are_no_numbers_are_refused(wrong: float) -> None:
    protocol = lexical_v1()
    strands = made(protocol, 3)
    strands[1, 5, 5] = wrong
    with pytest.raises(InputError, match="bad_strands"):
        measured(protocol, 0).rows(strands, np.full(3, -1))


@pytest.mark.parametrize("shape", [(3, 128), (3, 127, 64), (128, 64)])
def test_strands_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="bad_strands"):
        measured(lexical_v1(), 0).rows(np.zeros(shape), np.full(shape[0], -1))


@pytest.mark.parametrize(
    "wrong", [np.ones(128), np.ones((2, 127)), np.zeros((1, 128)), -np.ones((1, 128)),
              np.full((1, 128), np.nan)], ids=str,
)  # fmt: skip
def test_weights_that_draw_nothing_are_refused(wrong: np.ndarray) -> None:
    found = measured(lexical_v1(), 0)
    rows = found.rows(made(lexical_v1(), 3), np.full(3, -1))
    with pytest.raises(InputError, match="bad_weights"):
        next(found.replicates(rows, wrong))
