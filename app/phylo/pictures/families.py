"""Families in a picture: who gets a colour, which branches have it, where they stand together."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.phylo.annotated import Annotated
from app.phylo.pictures.themes import N_COLOURS
from app.phylo.tree import Tree

PLAIN, GREY = "branch", "grey"


@dataclass(frozen=True)
class Run:
    """Tips of one family side by side in the drawing: places first ... last."""

    family: str
    first: int
    last: int

    @property
    def size(self) -> int:
        """Number of tips."""
        return self.last - self.first + 1


class Families:
    """The families of a tree by size, largest first, ties by name; the first ones have colours."""

    def __init__(self, annotated: Annotated) -> None:
        self.tips = annotated.families or ("",) * annotated.tree.n_tips
        counts = Counter(family for family in self.tips if family)
        self.ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        self.unknown = len(self.tips) - counts.total()
        self._ink = {name: f"f{rank}" for rank, (name, _) in enumerate(self.ranked[:N_COLOURS])}

    @property
    def coloured(self) -> list[tuple[str, int]]:
        """Name and number of tips of the families that have a colour."""
        return self.ranked[:N_COLOURS]

    @property
    def others(self) -> list[tuple[str, int]]:
        """Name and number of tips of the families that are grey."""
        return self.ranked[N_COLOURS:]

    def ink(self, family: str) -> str:
        """The ink of a family: its colour, or grey; plain where no family is known."""
        return self._ink.get(family, GREY) if family else PLAIN

    def branch_inks(self, tree: Tree) -> list[str]:
        """The ink of the branch above every node: a family's where all tips below are of it."""
        below: list[str | None] = [*self.tips, *[None] * (tree.n_nodes - tree.n_tips)]
        for node, parent in enumerate(tree.parents[:-1].tolist()):
            mine, sofar = below[node] or "", below[parent]
            below[parent] = mine if sofar is None or sofar == mine else ""
        return [self.ink(family or "") for family in below]

    def runs(self, order: Sequence[int]) -> list[Run]:
        """Families that stand together in this order of tips; tips without family in none."""
        runs: list[Run] = []
        for place, tip in enumerate(order):
            family = self.tips[tip]
            if runs and runs[-1].family == family and runs[-1].last == place - 1:
                runs[-1] = Run(family, runs[-1].first, place)
            elif family:
                runs.append(Run(family, place, place))
        return runs
