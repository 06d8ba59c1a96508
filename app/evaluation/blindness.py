"""Pairs that the service flags and does not match: see `app.dna.flags`."""

import numpy as np

from app.dna.flags import BLIND, Strangers, of_entries, of_pairs
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
    own = np.array([bool(BLIND.intersection(some)) for some in of_entries(protocol, strands)])
    flagged: Mask = own[:, None] | own
    if standings.alarms:
        strangers = Strangers(strands[cohort_of(len(strands))])
        suspected = np.triu(standings.alarms[min(LEVELS)] > 0, 1) & ~flagged
        for a, b in np.argwhere(suspected).tolist():
            [raised] = of_pairs(protocol, strands[a], strands[b : b + 1], strangers)
            if BLIND.intersection(raised):
                flagged[a, b] = flagged[b, a] = True
    return flagged
