"""Use case: the tree of some models, of a family, around a model, or of everything."""

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

from app.dna.protocol import Protocol
from app.errors import ConflictError, InputError
from app.records import ModelRecord
from app.search.candidates import Candidates
from app.services.trees.facts import TipFacts, tip_facts
from app.services.trees.growing import grow, rooted_anew
from app.services.trees.growing_standing import FEWEST_TIPS
from app.services.trees.grown import Grown
from app.services.trees.growth import REPLICATES_AROUND, Growth
from app.services.trees.kept_pairs import KeptPairs
from app.services.trees.material import Material, every
from app.services.trees.model_tree import ModelTree, named
from app.services.trees.standing import Kept, StandingTrees
from app.services.trees.tips import around, of_family, of_models
from app.store import entries, withdrawals
from app.store.database import Session

GROWTH = Growth()
# Trees of more tips are grown by jobs: a request must not take minutes.
AT_ONCE = 2000
# Grown trees that are kept: somebody who looks at a tree asks for it in several forms.
KEPT = 32
# What is said of ten thousand tips takes seconds to read: for so long it is kept.
TOLD_S = 60.0


@dataclass(frozen=True, eq=False)
class _Told:
    """What is known of the tips of a standing tree, and until when that will do.

    `word` was the word of withdrawals when it was read.
    """

    kept: Kept
    word: bytes
    facts: TipFacts
    until: float


class Trees:
    """Grows trees, and keeps what was grown of late; shared by all requests of a process."""

    def __init__(self, candidates: Candidates, at_once: int = AT_ONCE) -> None:
        """Up to `at_once` tips are grown in a request."""
        self._candidates = candidates
        self._at_once = at_once
        self._pairs = KeptPairs()
        self._standing = StandingTrees(candidates)
        self._kept: OrderedDict[Hashable, Grown] = OrderedDict()
        self._told: dict[str, _Told] = {}
        self._keeping = threading.Lock()

    def of(
        self,
        session: Session,
        protocol: Protocol,
        chosen: Sequence[ModelRecord] = (),
        growth: Growth = GROWTH,
    ) -> ModelTree:
        """The tree of some models, or of all; NotFoundError `not_fingerprinted`."""
        if not chosen:
            return self._of_all(session, protocol, growth)
        return self._grown(session, of_models(session, protocol, chosen), growth)

    def around(
        self, session: Session, protocol: Protocol, model: ModelRecord, k: int, growth: Growth
    ) -> ModelTree:
        """The tree of a model and its `k` nearest; NotFoundError `not_fingerprinted`."""
        near = around(session, self._candidates, protocol, model, k)
        growth = growth.or_replicates(REPLICATES_AROUND)
        return replace(self._grown(session, near, growth), asked_about=model.id)

    def of_family(
        self, session: Session, protocol: Protocol, name: str, growth: Growth
    ) -> ModelTree:
        """The tree of a declared family; NotFoundError `no_such_family`."""
        return self._grown(session, of_family(session, protocol, name), growth)

    def _of_all(self, session: Session, protocol: Protocol, growth: Growth) -> ModelTree:
        """Grown at once, or the standing tree where there are many.

        Raises ConflictError `no_standing_tree` where a job must grow it first.
        """
        if entries.count(session, protocol.digest) <= self._at_once:
            return self._grown(session, every(session, protocol), growth)
        kept = self._standing.current(session, protocol)
        if kept is None:
            raise ConflictError(
                "no_standing_tree",
                f"The tree of more than {self._at_once:,} models is grown by a job, which has not "
                "ended yet: wait for it, POST /v1/trees if there is none, or name models.",
            )
        if growth.distance not in (None, kept.grown.kind):
            raise InputError(
                "bad_distance",
                f"The tree of more than {self._at_once:,} models stands with {kept.grown.kind} "
                "distances only: name models for another kind.",
            )
        labels, facts = kept.grown.tree.labels, self._told_of(session, protocol, kept)
        outgroup = _numbers(labels, facts, growth)
        grown = rooted_anew(kept.grown, growth, outgroup, facts.dates)
        return replace(named(protocol, growth, grown, facts), standing=kept.facts)

    def _told_of(self, session: Session, protocol: Protocol, kept: Kept) -> TipFacts:
        """What is known of the tips of a standing tree, as it was within the last minute.

        It is read at once where a tip is new, or a model was withdrawn.
        """
        word = withdrawals.current_word(session)
        with self._keeping:
            known = self._told.get(protocol.digest)
        if known is not None and (known.kept, known.word) != (kept, word):
            known = None
        if known is None or time.monotonic() > known.until:
            by_seq = {entry.seq: entry for entry in entries.oldest(session, protocol)}
            found = [by_seq[int(label)] for label in kept.grown.tree.labels]
            known = _Told(kept, word, tip_facts(session, found), time.monotonic() + TOLD_S)
            with self._keeping:
                self._told[protocol.digest] = known
        return known.facts

    def _grown(self, session: Session, material: Material, growth: Growth) -> ModelTree:
        self._require_fitting(material)
        material = material.by(growth.distance)
        facts = tip_facts(session, material.entries)
        labels = [str(seq) for seq in material.seqs]
        outgroup = _numbers(labels, facts, growth)
        dates = facts.released if growth.rooting == "date" else ()
        key = (material.protocol.digest, material.reference.version, *labels, growth, dates)
        grown = self._remembered(key)
        if grown is None:
            grown = grow(material, growth, self._pairs, outgroup, facts.dates)
            self._remember(key, grown)
        return named(material.protocol, growth, grown, facts)

    def _require_fitting(self, material: Material) -> None:
        n, name = len(material.entries), material.protocol.name
        if n < FEWEST_TIPS:
            raise InputError(
                "too_few_tips",
                f"A tree needs {FEWEST_TIPS} models with an entry of {name} that differ, here are "
                f"{n}: `genebank compare` compares two.",
            )
        if n > self._at_once:
            raise InputError(
                "too_many_tips", f"Name up to {self._at_once:,} models: there are {n:,}."
            )

    def _remembered(self, key: Hashable) -> Grown | None:
        with self._keeping:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _remember(self, key: Hashable, grown: Grown) -> None:
        with self._keeping:
            self._kept[key] = grown
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)


def _numbers(labels: Sequence[str], facts: TipFacts, growth: Growth) -> list[str]:
    """The outgroup as labels of tips; InputError `bad_outgroup` where a model is no tip."""
    tips = {
        model.id: label for label, tip in zip(labels, facts.models, strict=True) for model in tip
    }
    if not tips.keys() >= set(growth.outgroup):
        raise InputError("bad_outgroup", "Name an outgroup of models that are in the tree.")
    return [tips[model_id] for model_id in growth.outgroup]
