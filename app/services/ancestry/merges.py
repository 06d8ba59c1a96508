"""Use case: which of a model's relatives it is a merge of, and which are merges of it."""

from collections.abc import Mapping, Sequence

import numpy as np

from app.lineage.direction import Reason
from app.lineage.merges import find_merges
from app.services.ancestry.chronology import Chronology
from app.services.ancestry.gathering import Kin
from app.services.ancestry.likeness import Likeness

BEHAVIOUR = "behaviour"
# By the child: its two parents, each with its share.
Mixes = Mapping[Kin, Mapping[Kin, float]]


def find_mixes(members: Sequence[Kin], alike: Likeness, chronology: Chronology) -> Mixes:
    """Find the merges among some relatives; who is known to be later than a model is no parent."""
    known = {alike.places[one.digest]: one for one in members if one.digest in alike.places}
    precedes = np.zeros(alike.products.shape, dtype=bool)
    looked_at = np.zeros_like(precedes)
    for place, one in known.items():
        for other, another in known.items():
            precedes[place, other] = chronology.precedes(one, another)
            looked_at[place, other] = True
    allowed, before = looked_at & ~precedes, precedes & ~precedes.T
    return {
        known[child]: {known[parent]: share for parent, share in parents.items()}
        for child, parents in find_merges(alike.products, allowed, before, list(known)).items()
    }


def merge_reasons(model: Kin, mixes: Mixes) -> dict[Kin, list[Reason]]:
    """The reasons for the direction of a model's relatives that its merges give."""
    found: dict[Kin, list[Reason]] = {}
    for parent, share in mixes.get(model, {}).items():
        [other] = mixes[model].keys() - {parent}
        said = f"{model.model.name} behaves as a mix of it ({share:.0%}) and {other.model.name}"
        found.setdefault(parent, []).append(Reason("merge_of", "ancestor", said, BEHAVIOUR))
    for child, parents in mixes.items():
        if model in parents:
            [other] = parents.keys() - {model}
            mixed = f"{model.model.name} ({parents[model]:.0%}) and {other.model.name}"
            said = f"it behaves as a mix of {mixed}"
            found.setdefault(child, []).append(Reason("merged_into", "descendant", said, BEHAVIOUR))
    return found
