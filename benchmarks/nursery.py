"""How well the registry finds descent in a nursery, whose genealogy is known."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from app.dna.protocol import Protocol, defaults
from app.dna.scores import NAMES, score
from app.phylo.comparison import recovered, true_clades
from app.services.trees import build_tree
from app.store import entries, models, references
from app.store.database import Session
from benchmarks.figures import Figure
from benchmarks.fingerprinting import fingerprinted
from benchmarks.groups import Options
from benchmarks.quality import F64, Mask, auc, pairs_above, parent_nearest, tpr_at
from benchmarks.raised import Nursery

FPR = 0.01


def figures(options: Options) -> Iterator[Figure]:
    """The figures of each default protocol, by the scores and the tree that the service gives."""
    done = fingerprinted(options)
    with done.database.read() as session:
        for protocol in defaults():
            yield from _figures(session, protocol, done.nursery, options)


def _figures(
    session: Session, protocol: Protocol, nursery: Nursery, options: Options
) -> Iterator[Figure]:
    scores, reference_version = _scores(session, protocol, nursery)
    related, clades = related_mask(nursery.parents), true_clades(nursery.parents)
    hits = parent_nearest(scores, nursery.names, nursery.parents)
    measured = {
        **_told_apart(scores, related, nursery),
        "parent_nearest": float(hits.mean()),
        "clades": recovered(build_tree(session, protocol).tree, clades),
    }
    facts = {
        "models": len(nursery.names),
        "related_pairs": len(pairs_above(scores, related)),
        "children": len(hits),
        "true_clades": len(clades),
        "nursery": f"{options.size}, seed {options.seed}",
        "score": NAMES[protocol.response],
        "reference": reference_version,
    }
    for name, value in measured.items():
        yield Figure(f"nursery.{protocol.encoder}_{name}", value, "", facts)


def _scores(session: Session, protocol: Protocol, nursery: Nursery) -> tuple[F64, int]:
    """Scores of all pairs as the service gives them, and the version of the reference."""
    found = [
        entries.get(session, models.find(session, f"local:{nursery.folder / name}"), protocol)
        for name in nursery.names
    ]
    strands = entries.strands(session, protocol, found)
    reference = references.latest(session, protocol)
    return score(protocol, strands, strands, reference.mean), reference.version


def _told_apart(scores: F64, related: Mask, nursery: Nursery) -> dict[str, float]:
    groups = np.array([nursery.lookalikes[name] for name in nursery.names])
    lookalikes = groups[:, None] == groups
    positive, negative = pairs_above(scores, related), pairs_above(scores, ~related)
    return {
        "auc": auc(positive, negative),
        "lookalike_auc": auc(positive, pairs_above(scores, lookalikes & ~related)),
        "tpr_at_1pct": tpr_at(positive, negative, FPR),
    }


def related_mask(parents: Mapping[str, Sequence[str]]) -> Mask:
    """Pairs of models that share an ancestor or are one another's, (n, n); parents come first."""
    lines: dict[str, set[str]] = {}
    for name, above in parents.items():
        lines[name] = {name}.union(*(lines[parent] for parent in above))
    return np.array([[bool(lines[a] & lines[b]) for b in parents] for a in parents])
