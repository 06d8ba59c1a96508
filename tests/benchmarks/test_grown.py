import numpy as np

from benchmarks.grown import DIGITS, distances, grown


def test_distances_are_whole_symmetric_and_those_of_the_vectors():
    vectors = grown(700, 1, width=8)
    found = distances(vectors)
    assert np.array_equal(found, np.rint(found))
    assert np.array_equal(found, found.T)
    assert not found.diagonal().any()
    assert 10 ** (DIGITS - 1) < found.max() < 10**DIGITS
    apart = np.sqrt(((vectors[:, None] - vectors[None]) ** 2).sum(axis=2))
    np.testing.assert_allclose(found / found.max(), apart / apart.max(), atol=1e-6)


def test_a_seed_gives_the_same_vectors():
    assert np.array_equal(grown(20, 3), grown(20, 3))
    assert not np.array_equal(grown(20, 3), grown(20, 4))
