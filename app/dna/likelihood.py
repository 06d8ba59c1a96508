"""The likelihood encoder: the word log-probabilities themselves are the strand."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from app.errors import InputError

# A float32 model can give a word of certain probability a sum a little above zero.
SLACK = 1e-3


def encode_likelihoods(
    log_probabilities: Sequence[Sequence[float]], width: int
) -> npt.NDArray[np.float32]:
    """Stack natural-log word probabilities to a strand (n_probes, width), float32.

    Raises InputError `bad_likelihood` unless every probe has `width` finite numbers <= 0.
    """
    if any(len(row) != width for row in log_probabilities):
        raise InputError("bad_likelihood", f"Every probe needs exactly {width} scored words.")
    strand = np.asarray(log_probabilities, dtype=np.float32)
    if not np.isfinite(strand).all() or (strand > SLACK).any():
        raise InputError("bad_likelihood", "Log-probabilities must be finite and at most zero.")
    return strand
