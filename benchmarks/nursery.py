"""How well descent is found in a nursery, whose genealogy is known.

What unrelated models score, and so every p-value and verdict, comes from another nursery: the
reference is that of the next seed, whose models are no relatives of these.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.dna.population import Compared, freeze
from app.dna.protocol import Protocol, defaults
from app.dna.relations import RELATIVES, verdict
from app.dna.scores import NAMES, Strands
from app.phylo.comparison import recovered, true_clades
from app.search.candidates import Candidates
from app.services.trees.growth import Growth
from app.services.trees.trees import Trees
from app.store import entries, models
from benchmarks.figures import Figure
from benchmarks.fingerprinting import Fingerprinted, fingerprinted
from benchmarks.groups import Options
from benchmarks.quality import Mask, auc, pairs_above, parent_nearest, tpr_at

FPR = 0.01
BARE = Growth(replicates=0)


@dataclass(frozen=True, eq=False)
class Kinships:
    """The true relations of all pairs of a nursery, (n, n) each."""

    related: Mask
    lookalike: Mask
    founders: Mask


def figures(options: Options) -> Iterator[Figure]:
    """The figures of each default protocol, as the service judges."""
    done = fingerprinted(options)
    other = fingerprinted(replace(options, seed=options.seed + 1))
    for protocol in defaults():
        known = strands_of(other, protocol)
        population = freeze(protocol, known, [""] * len(known))
        seen = population.seen(strands_of(done, protocol))
        yield from _figures(protocol, done, population.compare(seen, seen), options)


def _figures(
    protocol: Protocol, done: Fingerprinted, compared: Compared, options: Options
) -> Iterator[Figure]:
    nursery, pairs = done.nursery, kinships(done)
    clades = true_clades(nursery.parents)
    hits = parent_nearest(compared.standing, nursery.names, nursery.parents)
    with done.database.read() as session:
        tree = Trees(Candidates()).of(session, protocol, growth=BARE).tree
    measured = {
        **_told_apart(compared, pairs),
        "parent_nearest": float(hits.mean()),
        "founders_called_relatives": _called(protocol, compared, pairs.founders),
        "clades": recovered(tree, clades),
    }
    facts = {
        "models": len(nursery.names),
        "related_pairs": len(pairs_above(compared.score, pairs.related)),
        "children": len(hits),
        "true_clades": len(clades),
        "nursery": f"{options.size}, seed {options.seed}",
        "reference": f"{options.size}, seed {options.seed + 1}",
        "score": NAMES[protocol.response],
    }
    for name, value in measured.items():
        yield Figure(f"nursery.{protocol.encoder}_{name}", value, "", facts)


def strands_of(done: Fingerprinted, protocol: Protocol) -> Strands:
    """The strands of a nursery's models, (n, p, w), in the order of their names."""
    folder = done.nursery.folder
    with done.database.read() as session:
        found = [
            entries.get(session, models.find(session, f"local:{folder / name}"), protocol)
            for name in done.nursery.names
        ]
        return entries.strands(session, protocol, found)


def _told_apart(compared: Compared, pairs: Kinships) -> dict[str, float]:
    positive = pairs_above(compared.standing, pairs.related)
    negative = pairs_above(compared.standing, ~pairs.related)
    p_values = pairs_above(compared.p_value, ~pairs.related)
    return {
        "auc": auc(positive, negative),
        "lookalike_auc": auc(positive, pairs_above(compared.standing, pairs.lookalike)),
        "tpr_at_1pct": tpr_at(positive, negative, FPR),
        "share_of_p_below_0.01": float((p_values <= 0.01).mean()),
        "share_of_p_below_0.05": float((p_values <= 0.05).mean()),
    }


def _called(protocol: Protocol, compared: Compared, chosen: Mask) -> float:
    """How many of the chosen pairs are called relatives, each asked on its own."""
    numbers = (compared.score, compared.standing, compared.p_value)
    rows = zip(*(pairs_above(values, chosen).tolist() for values in numbers), strict=True)
    words = [verdict(protocol, score, standing, p, p) for score, standing, p in rows]
    return float(sum(word in RELATIVES for word in words))


def kinships(done: Fingerprinted) -> Kinships:
    """Who is related to whom in a nursery, and who only looks like it."""
    nursery = done.nursery
    related = related_mask(nursery.parents)
    groups = np.array([nursery.lookalikes[name] for name in nursery.names])
    founders = np.array([not nursery.parents[name] for name in nursery.names])
    return Kinships(
        related=related,
        lookalike=(groups[:, None] == groups) & ~related,
        founders=founders[:, None] & founders,
    )


def related_mask(parents: Mapping[str, Sequence[str]]) -> Mask:
    """Pairs of models that share an ancestor or are one another's, (n, n); parents come first."""
    lines: dict[str, set[str]] = {}
    for name, above in parents.items():
        lines[name] = {name}.union(*(lines[parent] for parent in above))
    return np.array([[bool(lines[a] & lines[b]) for b in parents] for a in parents])
