"""The paper's protocol, against what its own package does (tests/golden/make_llm_dna.py)."""

from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.dna.paper import reduce, text_dna_concat_v1, usual_reduction
from app.dna.probes import ProbeSet
from app.dna.projection import project
from app.dna.protocol import Protocol, greedy
from app.errors import InputError

GOLDEN = np.load(Path(__file__).parents[1] / "golden" / "llm_dna_1_0_1" / "numbers.npz")
WITHIN = 1e-5


def paper(reduction: str = "prefix", *, normalise_rows: bool = False) -> Protocol:
    return text_dna_concat_v1(
        ProbeSet("eight", tuple(f"probe {n}" for n in range(8))),
        "all-MiniLM-L6-v2",
        "0" * 64,
        reduction=reduction,
        normalise_rows=normalise_rows,
        generation=greedy(128),
    )


def dna(raw: npt.NDArray[np.float32], protocol: Protocol) -> npt.NDArray[np.float32]:
    return project(reduce(raw, protocol)[None], protocol)[0]


@pytest.mark.parametrize("normalise", [False, True])
@pytest.mark.parametrize("reduction", ["prefix", "projection"])
def test_strands_equal_the_packages(reduction: str, normalise: bool) -> None:
    strand = reduce(GOLDEN["raw"], paper(reduction, normalise_rows=normalise))
    assert strand.shape == (8, 64)
    assert strand.dtype == np.float32
    theirs = GOLDEN[f"strand-{reduction}-{int(normalise)}-384"]
    assert abs(theirs).max() > 0.1
    assert abs(strand - theirs).max() < WITHIN


@pytest.mark.parametrize("normalise", [False, True])
@pytest.mark.parametrize("width", [384, 64, 48])
@pytest.mark.parametrize("reduction", ["prefix", "projection"])
def test_dna_equals_the_packages(reduction: str, width: int, normalise: bool) -> None:
    ours = dna(GOLDEN["raw"][:, :width], paper(reduction, normalise_rows=normalise))
    theirs = GOLDEN[f"dna-{reduction}-{int(normalise)}-{width}"]
    assert ours.shape == theirs.shape == (128,)
    assert abs(theirs).max() > 0.1
    assert abs(ours - theirs).max() < WITHIN


def test_no_reduction_is_for_encoders_of_that_width() -> None:
    raw = GOLDEN["raw"]
    assert (reduce(raw[:, :64], paper("none")) == raw[:, :64]).all()
    with pytest.raises(InputError, match=r"bad_embedding.*384"):
        reduce(raw, paper("none"))


rows = arrays(np.float32, (3, 70), elements=st.floats(-(2.0**60), 2.0**60, width=32))


@given(rows, st.sampled_from(["prefix", "projection"]), st.booleans())
def test_blank_answers_stay_zero(
    raw: npt.NDArray[np.float32], reduction: str, normalise: bool
) -> None:
    raw[1] = 0
    reduced = reduce(raw, paper(reduction, normalise_rows=normalise))
    assert not reduced[1].any()
    lengths = np.linalg.norm(reduced, axis=1)
    if normalise:
        assert (np.isclose(lengths, 1, atol=1e-5) | (lengths == 0)).all()


@pytest.mark.parametrize("bad", [np.inf, np.nan, 1e300])
def test_what_is_not_finite_is_refused(bad: float) -> None:
    raw = np.ones((2, 64))
    raw[1, 3] = bad
    with pytest.raises(InputError, match="bad_embedding"):
        reduce(raw, paper())


def test_what_matters_is_in_the_digest() -> None:
    made = [
        paper(reduction, normalise_rows=normalise).digest
        for reduction, normalise in product(["prefix", "projection", "none"], [False, True])
    ]
    assert len(set(made)) == 6


def test_an_unknown_reduction_is_refused() -> None:
    with pytest.raises(InputError, match="bad_reduction"):
        paper("pca")


@pytest.mark.parametrize(
    ("name", "reduction"),
    [
        ("Qwen3-Embedding-8B", "prefix"),
        ("all-MiniLM-L6-v2", "projection"),
        ("Qwen3-8B", "projection"),
    ],
)
def test_the_usual_reduction_is_the_packages(name: str, reduction: str) -> None:
    assert usual_reduction(name) == reduction
