"""The projection of strands to DNA, as their protocol asks."""

import numpy as np
import numpy.typing as npt

from app.dna.gaussian import gaussian
from app.dna.hadamard import hadamard
from app.dna.protocol import Protocol

PROJECTIONS = {"hadamard": hadamard, "gaussian": gaussian}


def dna_size(protocol: Protocol) -> int:
    """Numbers in the DNA of every model under a protocol."""
    if protocol.projection == "gaussian":
        return protocol.dna_dim
    return min(protocol.n_probes * protocol.width, protocol.dna_dim)


def project(strands: npt.NDArray[np.floating], protocol: Protocol) -> npt.NDArray[np.float32]:
    """Project strands (n, n_probes, width) to DNA (n, dna_size), float32.

    Linear, so the projection of a mean is the mean of the projections.
    """
    return PROJECTIONS[protocol.projection](strands, protocol.dna_dim, protocol.projection_seed)
