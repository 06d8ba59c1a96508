"""Use case: which of a model's relatives it is a merge of, and which are merges of it."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from app.lineage.direction import Reason
from app.lineage.merging import find_mix
from app.lineage.siblings import SAME
from app.services.ancestry.chronology import Chronology
from app.services.ancestry.gathering import Kin
from app.services.ancestry.likeness import Likeness

BEHAVIOUR = "behaviour"
# By the child: its two parents, each with its share.
Mixes = Mapping[Kin, Mapping[Kin, float]]


def find_mixes(members: Sequence[Kin], alike: Likeness, chronology: Chronology) -> Mixes:
    """Find the merges among some relatives; who is known to be later than a model is no parent."""
    known = {alike.places[one.digest]: one for one in members if one.digest in alike.places}
    found = {}
    for place, child in known.items():
        allowed = np.zeros(len(alike.products), dtype=bool)
        for other, parent in known.items():
            allowed[other] = not chronology.precedes(child, parent)
        mix = find_mix(alike.products, place, allowed)
        if mix:
            pair = [known[mix.first], known[mix.second]]
            originals = [_original(parent, known.values(), alike) for parent in pair]
            if len({child, *originals}) == 3:
                pair = originals
            found[child] = dict(zip(pair, (mix.share, 1 - mix.share), strict=True))
    return found


def _original(parent: Kin, members: Collection[Kin], alike: Likeness) -> Kin:
    """Who a parent is a copy of by its behaviour, if one was there before it; else itself."""
    for other in members:
        distance = alike.distance(parent.digest, other.digest)
        if distance is not None and distance < SAME and other.was_before(parent):
            return _original(other, members, alike)
    return parent


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
