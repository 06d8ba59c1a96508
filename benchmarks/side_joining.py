"""A side: our neighbour joining, and the published search of others, over the same distances."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from app.phylo.formats.newick import write
from app.phylo.neighbour_joining import neighbour_joining
from app.phylo.tree import NO_PARENT, Tree
from benchmarks.grown import distances, grown
from benchmarks.processes import peak_mb
from benchmarks.published_search import join_as_published
from benchmarks.sides import Reply, Seconds, serve, timed

Floats = NDArray[np.float64]
Joining = Callable[[Floats, Sequence[str]], Tree]


def ours(n: int, seed: int, overwrite: bool) -> Reply:
    """Join n tips with all checks, from a copy of the matrix or in its place."""
    return _joined(partial(neighbour_joining, overwrite=overwrite), n, seed)


def published(n: int, seed: int) -> Reply:
    """Join n tips by the published search."""
    return _joined(_published, n, seed)


def memory(n: int, seed: int) -> Reply:
    """Make distances and join them in their own place; the most memory that this took."""
    neighbour_joining(np.zeros((8, 8)), [str(tip) for tip in range(8)])
    seconds: Seconds = {}
    with timed(seconds, "distances"):
        matrix = distances(grown(n, seed))
    with timed(seconds, "join"):
        tree = neighbour_joining(matrix, [f"t{tip}" for tip in range(n)], overwrite=True)
    return {
        "seconds": seconds,
        "peak_mb": peak_mb(),
        "matrix_mb": matrix.nbytes / 2**20,
        "nodes": tree.n_nodes,
    }


def _joined(joining: Joining, n: int, seed: int) -> Reply:
    """The tree as Newick, and what joining alone took: everything is compiled before."""
    joining(distances(grown(8, seed)), [str(tip) for tip in range(8)])
    matrix, names = distances(grown(n, seed)), [f"t{tip}" for tip in range(n)]
    seconds: Seconds = {}
    with timed(seconds, "join"):
        tree = joining(matrix, names)
    return {"newick": write(tree), "seconds": seconds}


def _published(matrix: Floats, names: Sequence[str]) -> Tree:
    n = len(names)
    parents, lengths = np.full(2 * n - 2, NO_PARENT, dtype=np.int64), np.zeros(2 * n - 2)
    join_as_published(matrix, parents, lengths)
    return Tree(tuple(names), parents, np.maximum(lengths, 0.0))


if __name__ == "__main__":
    serve({"ours": ours, "published": published, "memory": memory})
