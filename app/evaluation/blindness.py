"""Pairs that the service flags and does not match: see `app.dna.flags`."""

import numpy as np

from app.dna.flags import BLIND, of_entry, of_pair
from app.dna.population import cohort_of
from app.dna.protocol import Protocol
from app.dna.scores import Strands
from app.evaluation.kinship import Mask
from app.evaluation.standings import LEVELS, Standings


def blind_pairs(protocol: Protocol, strands: Strands, standings: Standings) -> Mask:
    """Which pairs of n models, strands (n, p, w), are flagged: (n, n), symmetric.

    Only pairs that would be matched (a p-value of at most the least of LEVELS) are read for
    copied answers; without a reference none is.
    """
    own = np.array([bool(BLIND.intersection(of_entry(protocol, one))) for one in strands])
    flagged: Mask = own[:, None] | own
    if standings.alarms:
        cohort = strands[cohort_of(len(strands))]
        suspected = np.triu(standings.alarms[min(LEVELS)] > 0, 1) & ~flagged
        for a, b in np.argwhere(suspected).tolist():
            if BLIND.intersection(of_pair(protocol, strands[a], strands[b], cohort)):
                flagged[a, b] = flagged[b, a] = True
    return flagged
