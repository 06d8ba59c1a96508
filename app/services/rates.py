"""Use case: how fast the families of a tree change, and whether they differ."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from app.errors import InputError
from app.lineage.dates import decimal_year
from app.phylo.distances import Kind
from app.phylo.neighbour_joining import neighbour_joining
from app.phylo.rate_comparison import Comparison, compare_rates
from app.phylo.rates import FamilyRate, family_rates
from app.phylo.regression import Regression, root_to_tip
from app.phylo.resampling import resampled
from app.phylo.rooted import root
from app.phylo.tree import Tree
from app.services.tip_names import beside_tips
from app.services.trees.growing import can_be_supported
from app.services.trees.model_tree import ModelTree
from app.services.trees.tips import of_models
from app.store.database import Session

F64 = npt.NDArray[np.float64]
SEED = 0
REPLICATES = 50
# Replicates of larger trees would take minutes, and their noise is small beside that of models.
MOST_REPLICATED = 500
# Log-ranks depend on how many models lie near, so they compare speeds of families unfairly.
DISTANCE: Kind = "angular"
NO_SIGNAL = ("too_few_dates", "no_signal")


@dataclass(frozen=True)
class Told:
    """What a caller says of models, by name: their families and release dates.

    Families replace what models declare; a date replaces the claims of its model.
    """

    families: Mapping[str, str] | None = None
    released: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Signal:
    """The regression of all tips of the tree on their dates, None and `why` where there is none."""

    found: Regression | None
    why: str


@dataclass(frozen=True, eq=False)
class Rates:
    """The rates of the families of a tree with two members or more.

    `released` (tips,) are the dates that were used, "" unknown; `replicates` is how many trees
    of resampled probes are in the intervals; `unmatched` are names that meant no tip.
    """

    built: ModelTree
    released: tuple[str, ...]
    families: tuple[str, ...]
    signal: Signal
    rates: tuple[FamilyRate, ...]
    comparison: Comparison
    replicates: int
    unmatched: tuple[str, ...]


def rates(session: Session, built: ModelTree, told: Told, replicates: int = REPLICATES) -> Rates:
    """Measure the families of a tree; `replicates` trees of resampled probes join in.

    Raises InputError `bad_distance` for a tree of other distances than DISTANCE.
    """
    if built.grown.kind != DISTANCE:
        raise InputError("bad_distance", f"Rates are read from a tree of {DISTANCE} distances.")
    released, nowhere = dates_of(built, told.released)
    families, lost = _families(built, told)
    dates = decimal(released)
    again = tuple(_replicates(session, built, replicates, dates))
    found = family_rates(built.tree, dates, families, again)
    return Rates(
        built=built,
        released=released,
        families=families,
        signal=signal(built.tree, dates),
        rates=found,
        comparison=compare_rates(found, SEED),
        replicates=len(again),
        unmatched=tuple(dict.fromkeys((*lost, *nowhere))),
    )


def dates_of(built: ModelTree, told: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The release date of each tip, "" unknown, and the names that mean no tip."""
    said, unmatched = beside_tips(built.tips, told)
    pairs = zip(said, built.facts.released, strict=True)
    return tuple(one or claimed for one, claimed in pairs), unmatched


def decimal(released: Sequence[str]) -> F64:
    """Dates as decimal years, NaN where not known."""
    return np.array([decimal_year(one) if one else np.nan for one in released])


def signal(tree: Tree, dates: F64) -> Signal:
    """Whether the whole tree moves away from its root with time."""
    try:
        return Signal(root_to_tip(tree, dates, SEED), "")
    except InputError as error:
        if error.code not in NO_SIGNAL:
            raise
        return Signal(None, error.detail)


def _families(built: ModelTree, told: Told) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The family of each tip, "" where it would be alone in it."""
    named, unmatched = built.facts.families, tuple[str, ...]()
    if told.families is not None:
        named, unmatched = beside_tips(built.tips, told.families)
    sizes = Counter(named)
    return tuple(one if sizes[one] > 1 else "" for one in named), unmatched


def _replicates(session: Session, built: ModelTree, replicates: int, dates: F64) -> Iterator[Tree]:
    """Trees of resampled probes, rooted as the tree is; those that cannot be are left out."""
    tips, growth = built.tips, built.growth
    if not replicates or not can_be_supported(built.protocol) or len(tips) > MOST_REPLICATED:
        return
    material = of_models(session, built.protocol, [tip[0] for tip in tips]).by(growth.distance)
    rng = np.random.default_rng(SEED)
    weights = resampled(material.distances.n_probes, replicates, rng)
    ids = [str(place) for place in range(len(tips))]
    apart = [
        ids[place]
        for place, tip in enumerate(tips)
        if any(one.id in growth.outgroup for one in tip)
    ]
    known = dates if growth.rooting == "date" else None
    for matrix in material.distances.replicates(material.rows, weights):
        try:
            rooted = root(neighbour_joining(matrix, ids), growth.rooting, apart, known).tree
        except InputError:
            continue
        yield replace(rooted, labels=built.tree.labels)
