"""Use case: the standing tree of a protocol is grown anew when it is due."""

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from app.dna.projection import dna_size, project
from app.dna.protocol import Protocol
from app.dna.scores import unit_rows
from app.errors import InputError
from app.phylo.large import large_tree
from app.phylo.neighbour_joining import neighbour_joining
from app.phylo.placement import NEAR
from app.phylo.placement import Standing as Places
from app.phylo.rooted import root
from app.phylo.staleness import is_stale, misfit
from app.phylo.tree import Tree
from app.records import JobRecord
from app.services.trees.growing import SEED, supported
from app.services.trees.growth import REPLICATES, Growth
from app.services.trees.kept_pairs import KeptPairs
from app.services.trees.material import Material, every
from app.store import entries, jobs, protocols, trees
from app.store.database import Database, Session
from app.store.dna_blocks import dna_blocks
from app.store.trees import StandingTree

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
Progress = Callable[[str, int, int], None]

# Larger trees are grown by parts: a matrix of so many is 3.2 GB.
MOST_EXACT = 20_000
# A replicate is one more tree: of larger ones a hundred would take hours.
MOST_SUPPORTED = 3000
# Of two models there is only one tree.
FEWEST_TIPS = 3
# Models that are compared with as many others at a time: what is made of them stays in the cache.
SQUARE = 512
# So many tips of a tree say how well its own tips fit it.
MOST_ASKED = 50


def submit(session: Session, protocol: Protocol) -> tuple[JobRecord, bool]:
    """The job that grows the next version of a protocol's tree, and whether it is new.

    Raises InputError `too_few_tips`.
    """
    if entries.count(session, protocol.digest) < FEWEST_TIPS:
        raise InputError(
            "too_few_tips", f"A tree needs {FEWEST_TIPS} models with an entry of {protocol.name}."
        )
    version = trees.latest_version(session, protocol.digest) + 1
    return jobs.submit(session, "tree", None, [protocol.digest], {"version": version})


def submit_due(database: Database, at_once: int) -> list[JobRecord]:
    """Submit a job for each protocol whose tree is due; return those that are new.

    Due is a tree of more than `at_once` models where there is none, or too many models were
    placed into the one that stands. Called by workers and imports, as references are frozen.
    """
    with database.read() as session:
        due = [one for one in protocols.every(session) if _is_due(session, one, at_once)]
    submitted = [database.transact(partial(submit, protocol=protocol)) for protocol in due]
    return [job for job, is_new in submitted if is_new]


def grow_standing(database: Database, job: JobRecord, progress: Progress) -> StandingTree:
    """Grow what a job asks for, from all entries there are now; it is not stored yet.

    Calls `progress(stage, done, total)` now and then, which may raise to end it. No transaction
    is open while it computes.
    """
    [digest] = job.protocols
    with database.read() as session:
        material = every(session, protocols.get(session, digest))
        n = len(material.entries)
        replicates = REPLICATES if n <= MOST_SUPPORTED else 0
        progress("read", len(material.gather()), n)
        vectors = _vectors(session, material) if n > MOST_EXACT else None
    if vectors is None:
        joined = _exact(material, progress)
    else:
        joined = _by_parts(material, vectors, progress)
    progress("root", n, n)
    growth = Growth(replicates=replicates)
    rooted = root(joined, growth.rooting)
    progress("support", 0, replicates)
    grown = supported(material, growth, rooted, KeptPairs())
    return StandingTree(
        protocol_digest=digest,
        version=int(job.options["version"]),
        reference_version=grown.reference_version,
        last_seq=material.seqs[-1],
        tree=grown.tree,
        branches=grown.branches,
        facts={
            "kind": grown.kind,
            "fit": dict(grown.fit),
            "replicates": grown.replicates,
            "usual_error": _usual_error(material, grown.tree),
        },
    )


def _exact(material: Material, progress: Progress) -> Tree:
    """All distances in one matrix, which joining uses up."""
    rows, n = material.rows, len(material.rows)
    matrix = np.zeros((n, n))
    for top in range(0, n, SQUARE):
        progress("compare", top, n)
        some = rows[top : top + SQUARE]
        for left in range(top, n, SQUARE):
            # The very same rows twice: then the square is symmetric to the last bit.
            others = some if left == top else rows[left : left + SQUARE]
            block = material.distances.between(some, others)
            matrix[top : top + SQUARE, left : left + SQUARE] = block
            matrix[left : left + SQUARE, top : top + SQUARE] = block.T
    np.fill_diagonal(matrix, 0.0)
    progress("join", 0, n)
    return neighbour_joining(matrix, _labels(material), overwrite=True)


def _by_parts(material: Material, vectors: F32, progress: Progress) -> Tree:
    rows, n = material.rows, len(material.rows)
    compared = 0

    def between(a: I64, b: I64) -> F64:
        nonlocal compared
        compared += len(a)
        progress("compare", min(compared, n), n)
        return material.distances.between(rows[a], rows[b])

    return large_tree(_labels(material), vectors, between, SEED)


def _usual_error(material: Material, tree: Tree) -> float:
    """How badly some tips fit the tree that they are in, as placements are measured."""
    places = Places(tree)
    anchors = places.anchors()
    asked = places.anchors(MOST_ASKED)
    apart = material.distances.between(material.rows[asked], material.rows)
    errors = []
    for tip, distances in zip(asked.tolist(), apart, strict=True):
        near = np.argsort(distances, kind="stable")[: NEAR + 1]
        others = np.setdiff1d(np.union1d(near, anchors), [tip])
        if distances[others].any():
            errors.append(misfit(tree, tip, distances[others], others))
    return float(np.mean(errors)) if errors else 0.0


def _vectors(session: Session, material: Material) -> F32:
    """Centred DNA of all entries, as unit rows (n, dna size): which models may be near."""
    protocol = material.protocol
    blocks = dna_blocks(session, protocol.digest, dna_size(protocol), 0, material.seqs[-1])
    # Without what was withdrawn.
    dna = np.concatenate([rows[np.isin(seqs, material.seqs)] for seqs, rows in blocks])
    return unit_rows(dna - project(material.reference.mean[None], protocol))


def _labels(material: Material) -> list[str]:
    return [str(seq) for seq in material.seqs]


def _is_due(session: Session, protocol: Protocol, at_once: int) -> bool:
    n = entries.count(session, protocol.digest)
    if n <= at_once:
        return False
    last = trees.latest_last_seq(session, protocol.digest)
    return not last or is_stale(n, entries.count(session, protocol.digest, after=last))
