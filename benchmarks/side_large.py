"""A side: trees of many tips, grown by parts, and the same tips joined at once."""

import numpy as np
from numpy.typing import NDArray

from app.phylo.comparison import normalised_robinson_foulds
from app.phylo.large import Sizes, large_tree
from app.phylo.neighbour_joining import neighbour_joining
from benchmarks.grown_trees import grown_tree, squared
from benchmarks.processes import peak_mb
from benchmarks.sides import Reply, Seconds, serve, timed

WIDTH = 128
# Of larger trees splits are too many to be compared.
MOST_COMPARED = 20_000
I64 = NDArray[np.int64]


def large(n: int, seed: int) -> Reply:
    """Grow the tree of n tips by parts; what it took, and how near to the truth it came."""
    truth, vectors = grown_tree(n, seed, WIDTH)
    asked, data_mb = 0, peak_mb()
    seconds: Seconds = {}

    def between(a: I64, b: I64) -> NDArray[np.float64]:
        nonlocal asked
        asked += len(a) * len(b)
        return squared(vectors[a], vectors[b])

    large_tree(truth.labels[:100], vectors[:100], between, seed, Sizes(20, 20))  # compiles
    asked = 0
    with timed(seconds, "tree"):
        tree = large_tree(truth.labels, vectors, between, seed)
    return {
        "seconds": seconds,
        "peak_mb": peak_mb(),
        "data_mb": data_mb,
        "asked": asked / n,
        "length": tree.total_length,
        "length_of_truth": truth.total_length,
        "wrong": normalised_robinson_foulds(tree, truth) if n <= MOST_COMPARED else None,
    }


def whole(n: int, seed: int) -> Reply:
    """Join the same n tips at once."""
    truth, vectors = grown_tree(n, seed, WIDTH)
    seconds: Seconds = {}
    with timed(seconds, "tree"):
        matrix = squared(vectors, vectors)
        matrix = (matrix + matrix.T) / 2
        np.fill_diagonal(matrix, 0)
        tree = neighbour_joining(matrix, truth.labels, overwrite=True)
    wrong = normalised_robinson_foulds(tree, truth)
    return {"seconds": seconds, "length": tree.total_length, "wrong": wrong}


if __name__ == "__main__":
    serve({"large": large, "whole": whole})
