"""A side: scikit-bio's neighbour joining. It alone imports scikit-bio, which loads torch."""

import skbio
from skbio import DistanceMatrix
from skbio.tree import nj

from benchmarks.grown import distances, grown
from benchmarks.sides import Reply, Seconds, serve, timed


def join(n: int, seed: int) -> Reply:
    """Join n tips; the tree as Newick, and what the call alone took."""
    matrix = DistanceMatrix(distances(grown(n, seed)), [f"t{tip}" for tip in range(n)])
    seconds: Seconds = {}
    with timed(seconds, "join"):
        tree = nj(matrix)
    return {"newick": str(tree), "seconds": seconds, "version": skbio.__version__}


if __name__ == "__main__":
    serve({"join": join})
