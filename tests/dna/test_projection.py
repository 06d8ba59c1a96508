"""Each protocol's projection is its own."""

from dataclasses import replace

import numpy as np
import pytest

from app.dna.gaussian import gaussian
from app.dna.hadamard import hadamard
from app.dna.projection import dna_size, project
from app.dna.protocol import Protocol, lexical_v1, likelihood_v1

PROTOCOLS = [lexical_v1(), likelihood_v1(), replace(lexical_v1(), projection="gaussian", dna_dim=9)]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_all_dna_of_a_protocol_has_its_size(protocol: Protocol) -> None:
    strands = np.ones((2, *protocol.shape), dtype=protocol.dtype)
    assert project(strands, protocol).shape == (2, dna_size(protocol))
    assert project(strands, protocol).dtype == np.float32


def test_the_protocol_chooses() -> None:
    strands = np.random.default_rng(1).normal(size=(2, *lexical_v1().shape))
    assert (project(strands, PROTOCOLS[0]) == hadamard(strands, 1024, 42)).all()
    assert (project(strands, PROTOCOLS[2]) == gaussian(strands, 9, 42)).all()


def test_a_gaussian_projects_even_what_would_fit() -> None:
    short = replace(likelihood_v1(), projection="gaussian", dna_dim=1024)
    assert dna_size(likelihood_v1()) == 1000
    assert dna_size(short) == 1024
