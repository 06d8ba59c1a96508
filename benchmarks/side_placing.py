"""A side: new models placed into a standing tree, from their strands on."""

import statistics
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from app.dna.population import cohort_of, freeze
from app.dna.projection import project
from app.dna.protocol import Protocol, lexical_v1
from app.dna.scores import unit_rows
from app.phylo.distances import Distances, Rows, join
from app.phylo.neighbour_joining import neighbour_joining
from app.phylo.placement import NEAR, Placement, Standing, grafted
from app.phylo.tree import Tree
from benchmarks.grown_trees import grown_tree
from benchmarks.sides import Reply, Seconds, serve, timed

BLOCK = 256
SQUARE = 512
I64 = NDArray[np.int64]
F16 = NDArray[np.float16]
F32 = NDArray[np.float32]


def place(n: int, new: int, seed: int) -> Reply:
    """Place `new` models one by one into the tree of n others, and build the tree of all anew.

    Each phase is the median over the models: what is made of strands (the new model's and its
    near tips'; the anchors' are kept), the distances, the place.
    """
    protocol = lexical_v1()
    strands = grown_strands(n + new, protocol, seed)
    cohort = cohort_of(n)
    population = freeze(protocol, strands[cohort], [""] * len(cohort))
    distances = Distances(population)
    rows = distances.rows(strands)
    matrix = all_distances(distances, rows)
    standing = Standing(_joined(matrix[:n, :n]))
    dna = unit_rows(project(strands - population.centre, protocol))
    near = np.argsort(-(dna[n:] @ dna[:n].T), axis=1, kind="stable")[:, :NEAR]
    anchors = standing.anchors()
    kept = rows[anchors]
    placements: list[Placement] = []
    phases: list[Seconds] = []
    for strand, own in zip(strands[n:, None], near, strict=True):
        seconds: Seconds = {}
        others = np.setdiff1d(own, anchors)
        with timed(seconds, "rows"):
            query = distances.rows(strand)
            known = join([distances.rows(strands[others]), kept])
        with timed(seconds, "distances"):
            apart = distances.between(query, known)[0]
        with timed(seconds, "place"):
            placements.append(standing.place(apart, np.concatenate((others, anchors))))
        phases.append(seconds)
    tree = grafted(standing.tree, placements, [f"new {number}" for number in range(new)])
    rebuilt = _joined(matrix)
    return {
        "seconds": {phase: _median(phases, phase) for phase in phases[0]},
        "whole_ms": 1000 * statistics.median(sum(_cpu(one)) for one in phases),
        "length": tree.total_length,
        "length_rebuilt": rebuilt.total_length,
        "near": NEAR,
        "anchors": len(anchors),
        "kind": distances.kind,
    }


def grown_strands(n: int, protocol: Protocol, seed: int) -> F16:
    """Strands that grew along a random tree, each probe of length 1."""
    vectors = grown_tree(n, seed, protocol.n_probes * protocol.width)[1]
    strands = np.empty((n, *protocol.shape), dtype=np.float16)
    for top in range(0, n, BLOCK):
        block = vectors[top : top + BLOCK].reshape(-1, protocol.width)
        strands[top : top + BLOCK] = unit_rows(block).reshape(-1, *protocol.shape)
    return strands


def all_distances(distances: Distances, rows: Rows) -> F32:
    """Distances of all pairs, (n, n) float32: each pair once, in squares, which is fastest."""
    n = len(rows)
    matrix = np.zeros((n, n), dtype=np.float32)
    for top in range(0, n, SQUARE):
        some = rows[top : top + SQUARE]
        for left in range(top, n, SQUARE):
            block = distances.between(some, rows[left : left + SQUARE])
            matrix[top : top + SQUARE, left : left + SQUARE] = block
            matrix[left : left + SQUARE, top : top + SQUARE] = block.T
    return matrix


def _joined(matrix: F32) -> Tree:
    work = matrix.astype(np.float64)
    work = np.ascontiguousarray((work + work.T) / 2)
    np.fill_diagonal(work, 0.0)
    return neighbour_joining(work, [f"t{tip}" for tip in range(len(work))], overwrite=True)


def _cpu(seconds: Seconds) -> Iterator[float]:
    return (phase["cpu_s"] for phase in seconds.values())


def _median(phases: list[Seconds], phase: str) -> dict[str, float]:
    return {
        clock: statistics.median(one[phase][clock] for one in phases)
        for clock in ("wall_s", "cpu_s")
    }


if __name__ == "__main__":
    serve({"place": place})
