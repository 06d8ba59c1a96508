"""Use case: the tree of a set of models under one protocol."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.dna.protocol import Protocol
from app.errors import InputError
from app.phylo.distances import Distances
from app.phylo.neighbour_joining import neighbour_joining
from app.phylo.rooting import midpoint
from app.phylo.tree import Tree
from app.records import EntryRecord, ModelRecord
from app.services import populations
from app.store import entries, models
from app.store.database import Session

# Neighbour joining takes cubic time: 2,000 tips are seconds, and a request must not be minutes.
MOST_TIPS = 2000


@dataclass(frozen=True)
class ModelTree:
    """A rooted tree; tip i is `tips[i]`, whose first model is the label, the others copies."""

    protocol: Protocol
    reference_version: int
    tree: Tree
    tips: tuple[tuple[ModelRecord, ...], ...]


def build_tree(
    session: Session, protocol: Protocol, chosen: Sequence[ModelRecord] = ()
) -> ModelTree:
    """The midpoint-rooted neighbour-joining tree of the chosen models, or of all.

    Raises NotFoundError `not_fingerprinted`, InputError `too_few_tips` or `too_many_tips`.
    """
    wanted = _entries(session, protocol, chosen)
    if len(wanted) < 2:
        raise InputError(
            "too_few_tips", f"A tree needs two models with an entry of {protocol.name}."
        )
    if len(wanted) > MOST_TIPS:
        raise InputError("too_many_tips", f"Name up to {MOST_TIPS:,} models: there are more.")
    reference, population = populations.current(session, protocol)
    strands = entries.strands(session, protocol, wanted)
    measured = Distances(population)
    rows = measured.rows(strands, populations.members(reference, wanted))
    distances = measured.between(rows, rows)
    owners = models.by_digest(session, [entry.model_digest for entry in wanted])
    tips = tuple(tuple(owners[entry.model_digest]) for entry in wanted)
    tree = midpoint(neighbour_joining(distances, [tip[0].name for tip in tips]))
    return ModelTree(protocol, reference.version, tree, tips)


def _entries(
    session: Session, protocol: Protocol, chosen: Sequence[ModelRecord]
) -> list[EntryRecord]:
    if not chosen:
        return entries.oldest(session, protocol, MOST_TIPS + 1)
    found = [entries.get(session, model, protocol) for model in chosen]
    return list({entry.id: entry for entry in found}.values())
