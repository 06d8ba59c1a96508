"""How fast the support of a tree is found, and whether it means what it says."""

import time
from collections.abc import Iterator

import numpy as np

from app.dna.population import freeze
from app.dna.protocol import Protocol, defaults, lexical_v1
from app.dna.scores import Strands
from app.phylo.comparison import recovered, true_clades
from app.phylo.distances import Distances
from app.phylo.neighbour_joining import neighbour_joining
from app.phylo.rooting import midpoint
from app.phylo.support import REPLICATES, support
from app.phylo.truth import Truth
from benchmarks.figures import Figure
from benchmarks.fingerprinting import Fingerprinted, fingerprinted
from benchmarks.groups import Options
from benchmarks.nursery import strands_of
from benchmarks.support_truth import HIGH, cohort_members, judged, share_true

TIPS = 300
LOCAL = 50
# Share of a model's answers that its child gives otherwise.
CHANGED = 0.2
PASSES = 3


def figures(options: Options) -> Iterator[Figure]:
    """The bootstrap of 300 planted models; then nurseries, protocol by protocol."""
    yield from _speed(options)
    done = fingerprinted(options)
    for protocol in defaults():
        yield from _truth(protocol, done, options)


def _speed(options: Options) -> Iterator[Figure]:
    """Wall time from prepared rows to stated support: distances, joins, both supports, kinship.

    The fastest of some passes, after one that compiles: other work can only slow it down.
    """
    protocol = lexical_v1()
    for n, bench, wanted in (
        (TIPS, "trees.bootstrap_300x100_s", {"wanted_at_most": 10}),
        (LOCAL, "trees.bootstrap_50x100_s", {}),
    ):
        strands = planted(n, protocol, options.seed)
        population = freeze(protocol, strands, [""] * n)
        members = cohort_members(n)
        distances, seen = Distances(population), population.seen(strands, members)
        rows = distances.rows(strands, members)
        p_values = population.compare(seen, seen).p_value
        names = [f"m{i}" for i in range(n)]
        tree = midpoint(neighbour_joining(distances.between(rows, rows), names))
        took = []
        for _ in range(PASSES + 1):
            began = time.perf_counter()
            support(tree, distances, rows, p_values, REPLICATES, options.seed)
            took.append(time.perf_counter() - began)
        facts = {
            "tips": n,
            "replicates": REPLICATES,
            "probes": protocol.n_probes,
            "width": protocol.width,
            "distance": distances.kind,
            "passes": PASSES,
            "first_pass_s": took[0],
            **wanted,
        }
        yield Figure(bench, min(took[1:]), "s", facts)


def planted(n: int, protocol: Protocol, seed: int) -> Strands:
    """Answers of n models, each the child of one before it but for some answers of its own."""
    rng = np.random.default_rng(seed)
    strands = np.empty((n, *protocol.shape), dtype=protocol.dtype)
    for model in range(n):
        own = rng.standard_normal(protocol.shape)
        own /= np.linalg.norm(own, axis=1, keepdims=True)
        changed = rng.random(protocol.n_probes) < (CHANGED if model else 1)
        parent = strands[rng.integers(model)] if model else own
        strands[model] = np.where(changed[:, None], own, parent)
    return strands


def _truth(protocol: Protocol, done: Fingerprinted, options: Options) -> Iterator[Figure]:
    """Of clades with high support the share that is true; of true clades the share recovered."""
    nursery = done.nursery
    tree, said = judged(protocol, strands_of(done, protocol), nursery.parents)
    clades = true_clades(nursery.parents)
    high, plain = said.stated >= HIGH, said.plain >= HIGH
    strict = said.are(Truth.CLADE)
    facts = {
        "protocol": protocol.name,
        "models": len(nursery.names),
        "nursery": f"{options.size}, seed {options.seed}",
        "branches": len(said.stated),
        "branches_of_high_support": int(high.sum()),
        "of_them_clades": share_true(high, strict),
        "of_them_not_cut": share_true(high, ~said.are(Truth.CUT)),
        "plain_of_high_support": int(plain.sum()),
        "plain_true": share_true(plain, said.sound),
        "true_with_high_support": share_true(said.sound, high),
        "clades_with_high_support": share_true(strict, high),
        "wanted_at_least": 0.9,
    }
    name = "nursery" if protocol.response == "likelihood" else f"nursery_{protocol.encoder}"
    yield Figure(f"trees.{name}_support_true", share_true(high, said.sound), "", facts)
    recall = {**{key: facts[key] for key in ("protocol", "models", "nursery")}}
    recall |= {"true_clades": len(clades), "wanted_at_least": 0.88}
    yield Figure(f"trees.{name}_clades", recovered(tree, clades), "", recall)
