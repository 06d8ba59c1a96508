"""How well a derivation graph finds parents in a nursery, whose genealogy is known.

Dates are the months in which models of the nursery came out, claims the parents that it declares,
of all models or of half of them; references come from the nursery of the next seed.
"""

import csv
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.dna.population import Compared, Population, freeze
from app.dna.protocol import Protocol, likelihood_v1
from app.dna.scores import Strands, surprises
from app.lineage.claims import support
from app.lineage.dates import Dated
from app.lineage.derivation import Derivation, derive
from app.lineage.evidence import claim_verdicts, read_evidence
from app.lineage.members import Declared, Evidence, Member
from benchmarks.figures import Figure
from benchmarks.fingerprinting import Fingerprinted, fingerprinted
from benchmarks.groups import Options
from benchmarks.nursery import strands_of

MANY = 300
# What is known: the share of models with a date, and of children that declare their parents.
KNOWN = {"dated": (1.0, 0.0), "declared": (0.0, 1.0), "half": (0.5, 0.5), "unknown": (0.0, 0.0)}


@dataclass(frozen=True, eq=False)
class Genealogy:
    """Models with their true parents by index, and the months in which they came out."""

    names: Sequence[str]
    parents: Sequence[Sequence[int]]
    released: Sequence[str]

    @property
    def true(self) -> set[tuple[int, int]]:
        """Child and parent of every true edge."""
        return {(child, one) for child, some in enumerate(self.parents) for one in some}


@dataclass(frozen=True, eq=False)
class Told:
    """What behaviour says of the models, once for all that may be claimed of them."""

    protocol: Protocol
    compared: Compared
    evidence: Evidence


def figures(options: Options) -> Iterator[Figure]:
    """Recall and precision of parents, merges and founders, by what is known; and seconds."""
    protocol = likelihood_v1()
    done = fingerprinted(options)
    other = strands_of(fingerprinted(replace(options, seed=options.seed + 1)), protocol)
    strands = strands_of(done, protocol)
    told = compare(protocol, strands, freeze(protocol, other, [""] * len(other)))
    genealogy = _genealogy(done)
    facts = {
        "models": len(strands),
        "parents": len(genealogy.true),
        "nursery": f"{options.size}, seed {options.seed}",
        "reference": f"{options.size}, seed {options.seed + 1}",
    }
    for name, (dated, declared) in KNOWN.items():
        found = claimed(genealogy, told, dated, declared, np.random.default_rng(options.seed))
        for what, value in measured(genealogy, found).items():
            yield Figure(f"trees.graph_{what}_{name}", value, "", facts)
    yield _seconds(protocol)


def compare(protocol: Protocol, strands: Strands, population: Population) -> Told:
    """Compare all with all, as the service does."""
    seen = population.seen(strands)
    compared = population.compare(seen, seen)
    rows = surprises(strands, population.centre)
    blind = np.zeros(compared.score.shape, dtype=bool)
    evidence = read_evidence(protocol, compared, blind, len(strands) - 1, rows @ rows.T)
    return Told(protocol, compared, evidence)


def claimed(
    genealogy: Genealogy, told: Told, dated: float, declared: float, rng: np.random.Generator
) -> Derivation:
    """The graph when so large shares of the models have a date, and declare their parents."""
    has_date, has_claim = (rng.random(len(genealogy.names)) < one for one in (dated, declared))
    members = [
        Member(name, (Dated(released, "import"),) if known else ())
        for name, released, known in zip(genealogy.names, genealogy.released, has_date, strict=True)
    ]
    blind = np.zeros(told.evidence.related.shape, dtype=bool)
    claims = []
    for child in np.flatnonzero(has_claim).tolist():
        bases = genealogy.parents[child]
        if bases:
            words = claim_verdicts(told.protocol, told.compared, blind, child, bases)
            claims += [
                Declared(child, base, ("model card",), support(word))
                for base, word in words.items()
            ]
    return derive(members, told.evidence, claims)


def measured(genealogy: Genealogy, found: Derivation) -> dict[str, float]:
    """Shares of true parents among edges that hold, and of edges among true parents; and more.

    `joined` also counts true pairs that are drawn without a direction; `merges` those of which
    both parents are found; `founders` those that are called so.
    """
    true = genealogy.true
    held = {(edge.child, edge.parent) for edge in found.edges if edge.holds}
    open_ = {frozenset((e.child, e.parent)) for e in found.edges if not e.directed}
    joined = {pair for pair in true if pair in held or frozenset(pair) in open_}
    merges = [child for child, some in enumerate(genealogy.parents) if len(some) == 2]
    both = [all((child, one) in held for one in genealogy.parents[child]) for child in merges]
    founders = [child for child, some in enumerate(genealogy.parents) if not some]
    called = [found.places[one].standing == "founder" for one in founders]
    shares = {
        "parents_recall": len(held & true) / len(true),
        "parents_joined": len(joined) / len(true),
        "founders": float(np.mean(called)),
    }
    if held:
        shares["parents_precision"] = len(held & true) / len(held)
    if both:
        shares["merges"] = float(np.mean(both))
    return shares


def _genealogy(done: Fingerprinted) -> Genealogy:
    path = done.nursery.folder / "lineage.tsv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["model"]: row for row in csv.DictReader(file, delimiter="\t")}
    return genealogy_of(done.nursery.parents, {name: row["released"] for name, row in rows.items()})


def genealogy_of(parents: Mapping[str, Sequence[str]], released: Mapping[str, str]) -> Genealogy:
    """A genealogy of models by name, parents before children."""
    places = {name: place for place, name in enumerate(parents)}
    return Genealogy(
        list(parents),
        [[places[one] for one in some] for some in parents.values()],
        [released[name] for name in parents],
    )


def _seconds(protocol: Protocol) -> Figure:
    """How long made-up models of six families, nobody dated, take from strands to the graph."""
    rng = np.random.default_rng(0)
    logs = [np.log(8) + 0.3 * rng.standard_normal(protocol.shape)]
    logs += [logs[0] + 0.2 * rng.standard_normal(protocol.shape) for _ in range(6)]
    for child in range(7, MANY):
        parent = int(rng.integers(max(1, child - 200), child))
        logs.append(logs[parent] + 0.05 * rng.standard_normal(protocol.shape))
    strands = np.minimum(-np.exp(np.array(logs)), -0.01).astype(np.float32)
    population = freeze(protocol, strands, [""] * MANY)
    began = time.perf_counter()
    told = compare(protocol, strands, population)
    derive([Member(str(one)) for one in range(MANY)], told.evidence, [])
    facts = {"models": MANY, "related_pairs": int(told.evidence.related.sum()) // 2}
    return Figure(f"trees.graph_{MANY}_s", time.perf_counter() - began, "s", facts)
