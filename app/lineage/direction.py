"""Direction: which of two relatives came first, for what reasons, and how sure that is.

Behaviour tells relatives from strangers; only reasons from elsewhere tell parent from child. A
relative that came first may still be a sibling or an aunt: that is what `confidence` is about.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from app.dna.relations import Verdict
from app.lineage.dates import Order

# What the reasons speak of: `weights` is for facts read from the weights, of which there are none
# yet; a reason of that kind may point either way.
Kind = Literal[
    "declared",
    "declared_by",
    "released_before",
    "released_after",
    "merge_of",
    "merged_into",
    "weights",
]
Side = Literal["ancestor", "descendant"]
Direction = Literal["ancestor", "descendant", "unknown", "conflicting"]
Confidence = Literal["high", "moderate", "low"]


# Reasons that name a parent or a child, the best first.
NAMING: tuple[frozenset[Kind], ...] = (
    frozenset({"declared", "declared_by", "weights"}),
    frozenset({"merge_of", "merged_into"}),
)
UNNAMED = len(NAMING)


@dataclass(frozen=True)
class Reason:
    """Why a relative stands on one side of the model that was asked about.

    `detail` is for people; `source` is who says so; `via` are the models between, by key,
    beginning beside the model that was asked about.
    """

    kind: Kind
    side: Side
    detail: str
    source: str
    via: tuple[str, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """A relative, by a key, with the verdict on the pair and the reasons for a direction.

    `closeness` orders candidates: higher is nearer. `on_line` says that it lies on the likeliest
    line from child to parent.
    """

    key: str
    name: str
    verdict: Verdict
    closeness: float
    reasons: tuple[Reason, ...]
    on_line: bool = False

    @property
    def direction(self) -> Direction:
        """The side that all reasons point to, `unknown` without any, else `conflicting`."""
        sides = {reason.side for reason in self.reasons}
        if len(sides) > 1:
            return "conflicting"
        return sides.pop() if sides else "unknown"

    @property
    def confidence(self) -> Confidence:
        """How sure it is that one descends from the other, given that the direction is right.

        `high`: a claim says so, and the behaviours support it. `moderate`: it is on the likeliest
        line, by dates, or a merge. `low`: it is related, and only dates put it before or after;
        it may as well be a sibling or an aunt.
        """
        claims, merges = NAMING
        kinds = {reason.kind for reason in self.reasons}
        if kinds & claims:
            return "high"
        return "moderate" if self.on_line or kinds & merges else "low"

    def rank(self, side: Side) -> int:
        """How well it is named as next in line on a side, with nobody between.

        0: by a claim or its weights. 1: by a merge. 2: not at all; dates name nobody.
        """
        near = [reason.kind for reason in self.reasons if reason.side == side and not reason.via]
        named = (rank for rank, kinds in enumerate(NAMING) if kinds.intersection(near))
        return next(named, UNNAMED)


def ordered(candidates: Iterable[Candidate], side: Side) -> list[Candidate]:
    """The candidates of one side and of none, the likeliest to be next in line first.

    Those that are named as next in line come first, then the nearest; ties by key.
    """
    other: Side = "descendant" if side == "ancestor" else "ancestor"
    kept = [candidate for candidate in candidates if candidate.direction != other]
    return sorted(kept, key=lambda c: (c.rank(side), -c.closeness, c.key))


def released_reason(order: Order) -> Reason:
    """The reason that two dates give: `ancestor` where the first of the two models was earlier."""
    earlier, later = (f"{d.value} ({d.source})" for d in (order.earlier, order.later))
    by = ", ".join(dict.fromkeys((order.earlier.source, order.later.source)))
    if order.swapped:
        return Reason("released_after", "descendant", f"released {later}, after {earlier}", by)
    return Reason("released_before", "ancestor", f"released {earlier}, before {later}", by)
