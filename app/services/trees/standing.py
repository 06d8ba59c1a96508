"""Use case: the tree of everything under a protocol, grown by a job and kept up to date.

The tree that the job grew is immutable. Entries that it lacks, since they came or were reinstated
later, are placed into it when it is read, each once in a process, as the index of candidates is
caught up; those that were withdrawn are cut off. When too many were placed, a new job is due.
"""

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from app.dna.protocol import Protocol
from app.phylo.carrying import carried
from app.phylo.placement import NEAR, Placement, grafted
from app.phylo.placement import Standing as Places
from app.phylo.pruning import pruned
from app.phylo.staleness import is_stale
from app.phylo.tree import Tree
from app.records import EntryRecord
from app.search.candidates import Candidates
from app.services.trees.grown import Grown
from app.services.trees.material import Material
from app.services.trees.model_tree import Standing
from app.store import entries, trees
from app.store.database import Session
from app.store.trees import StandingTree

# The index orders candidates a little differently than distances do.
OVERSAMPLING = 2


@dataclass(frozen=True, eq=False)
class Kept:
    """A standing tree with the entries that were placed into it since."""

    grown: Grown
    facts: Standing


@dataclass(eq=False)
class _Growing:
    """A standing tree in this process."""

    grown: StandingTree
    places: Places
    tips: Mapping[int, int]
    placements: dict[int, Placement] = field(default_factory=dict)
    live: list[int] = field(default_factory=list)
    last: Kept | None = None


class StandingTrees:
    """The standing trees of all protocols in this process, each read when it is first asked."""

    def __init__(self, candidates: Candidates) -> None:
        self._candidates = candidates
        self._known: dict[str, _Growing] = {}
        self._catching_up = threading.Lock()

    def current(self, session: Session, protocol: Protocol) -> Kept | None:
        """The standing tree with all that the session can see; None where none was grown."""
        with self._catching_up:
            growing = self._newest(session, protocol)
            if growing is None:
                return None
            live = entries.seqs(session, protocol.digest)
            if growing.last is None or growing.live != live:
                placed = [seq for seq in live if seq not in growing.tips]
                new = [seq for seq in placed if seq not in growing.placements]
                for entry in entries.by_seq(session, protocol.digest, new):
                    growing.placements[entry.seq] = self._place(session, protocol, growing, entry)
                growing.last, growing.live = _grafted(growing, placed, live), live
            return growing.last

    def _newest(self, session: Session, protocol: Protocol) -> _Growing | None:
        version = trees.latest_version(session, protocol.digest)
        known = self._known.get(protocol.digest)
        if known is None or known.grown.version != version:
            grown = trees.latest(session, protocol.digest)
            if grown is None:
                return None
            tips = {int(label): tip for tip, label in enumerate(grown.tree.labels)}
            known = self._known[protocol.digest] = _Growing(grown, Places(grown.tree), tips)
        return known

    def _place(
        self, session: Session, protocol: Protocol, growing: _Growing, entry: EntryRecord
    ) -> Placement:
        """By the nearest tips that the index proposes, and some that are spread over the tree."""
        dna = entries.dna(session, entry)
        wanted = NEAR * OVERSAMPLING + len(growing.placements)
        proposed = self._candidates.nearest(session, protocol, dna, wanted)
        near = [int(seq) for seq in proposed if int(seq) in growing.tips][:NEAR]
        labels = growing.grown.tree.labels
        anchors = [int(labels[tip]) for tip in growing.places.anchors()]
        others = entries.by_seq(session, protocol.digest, sorted({*near, *anchors}))
        version = growing.grown.reference_version
        material = Material(session, protocol, [entry, *others], version)
        rows = material.rows
        apart = material.distances.between(rows[0], rows[range(1, len(rows))])[0]
        tips = np.array([growing.tips[other.seq] for other in others])
        return growing.places.place(apart, tips)


def _grafted(growing: _Growing, placed: Sequence[int], live: Collection[int]) -> Kept:
    """The tree with those that were placed, and without those that do not live."""
    record, staying = growing.grown, set(live)
    placements = [growing.placements[seq] for seq in placed]
    labels = [str(seq) for seq in placed]

    def change(tree: Tree) -> Tree:
        tree = grafted(tree, placements, labels)
        keep = [tip for tip, label in enumerate(tree.labels) if int(label) in staying]
        return tree if len(keep) == tree.n_tips else pruned(tree, keep)

    tree, branches = carried(record.tree, record.branches, change)
    facts = record.facts
    grown = Grown(
        tree, branches, facts["kind"], record.reference_version, facts["fit"], facts["replicates"]
    )
    errors = [placement.error for placement in placements]
    stale = is_stale(
        tree.n_tips, len(placed), float(np.mean(errors or [0.0])), facts["usual_error"]
    )
    return Kept(grown, Standing(record.version, record.created_at, frozenset(placed), stale))
