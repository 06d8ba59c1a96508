"""A leaf: which probes a replicate is made of, as how often each was drawn."""

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError

F64 = NDArray[np.float64]


def resampled(n_probes: int, replicates: int, rng: np.random.Generator) -> F64:
    """Draw probes with replacement, as many as there are: (replicates, n_probes) counts.

    The bootstrap of Felsenstein (1985): probes are taken for independent witnesses. What all of
    them get wrong together it cannot see. Raises InputError `no_replicates`, or
    `nothing_to_resample` where there are not two probes.
    """
    if replicates < 1:
        raise InputError("no_replicates", "Ask for one replicate at least.")
    if n_probes < 2:
        raise InputError(
            "nothing_to_resample",
            "Support needs two probes: choose another protocol, or a tree without support.",
        )
    shares = np.full(n_probes, 1 / n_probes)
    return rng.multinomial(n_probes, shares, size=replicates).astype(np.float64)
