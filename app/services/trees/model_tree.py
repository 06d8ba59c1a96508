"""What a tree of models is: tips with names, and how it was grown."""

from dataclasses import dataclass, replace

from app.dna.protocol import Protocol
from app.phylo.annotated import Annotated
from app.phylo.collapsing import annotated_collapsed
from app.phylo.tree import Tree
from app.records import ModelRecord
from app.services.trees.dating import DatingFacts, dated, with_release_dates
from app.services.trees.facts import TipFacts
from app.services.trees.grown import Grown
from app.services.trees.growth import Growth


@dataclass(frozen=True)
class Standing:
    """Of a tree that a job grew: its version, when, and which entries were placed since.

    `stale` says that so much was placed, or fits so badly, that it should be grown anew.
    """

    version: int
    grown_at: float
    placed: frozenset[int]
    stale: bool


@dataclass(frozen=True, eq=False)
class ModelTree:
    """A rooted tree; tip i is `facts.models[i]`, whose first model is the label.

    `dating` says how the nodes were dated, None where nobody asked. `asked_about` is the id of the
    model that it is the tree around, if any; `standing` is None for a tree that was grown at once.
    """

    protocol: Protocol
    growth: Growth
    grown: Grown
    annotated: Annotated
    facts: TipFacts
    dating: DatingFacts | None
    asked_about: str = ""
    standing: Standing | None = None

    @property
    def placed(self) -> frozenset[int]:
        """The tips that were placed into a standing tree."""
        placed = self.standing.placed if self.standing else frozenset()
        labels = self.grown.tree.labels
        return frozenset(tip for tip, label in enumerate(labels) if int(label) in placed)

    @property
    def highlighted(self) -> frozenset[int]:
        """The tip of the model that was asked about."""
        return frozenset(
            tip
            for tip, models in enumerate(self.tips)
            for one in models
            if one.id == self.asked_about
        )

    @property
    def tree(self) -> Tree:
        """The tree, its tips named."""
        return self.annotated.tree

    @property
    def tips(self) -> tuple[tuple[ModelRecord, ...], ...]:
        """The models of each tip."""
        return self.facts.models


def named(protocol: Protocol, growth: Growth, grown: Grown, facts: TipFacts) -> ModelTree:
    """Name the tips of a grown tree, collapse what has too little support, and date it.

    Raises InputError `no_support` where there is none to collapse by.
    """
    labels = tuple(tip[0].name for tip in facts.models)
    tree = replace(grown.tree, labels=labels)
    annotated = Annotated(tree, grown.branches, families=facts.families)
    if growth.collapse:
        annotated = annotated_collapsed(annotated, growth.collapse)
    annotated, dating = with_release_dates(annotated, facts), None
    if growth.dated:
        annotated, dating = dated(annotated, facts)
    return ModelTree(protocol, growth, grown, annotated, facts, dating)
