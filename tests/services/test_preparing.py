"""What is made ready in batches is what the parts of it say, one by one."""

import zlib

import numpy as np
import orjson
from hypothesis import given
from hypothesis import strategies as st

from app.dna.canonical import digest_json
from app.dna.probes import ProbeSet
from app.dna.projection import project
from app.dna.protocol import Protocol, reported_answers, reported_vectors
from app.dna.strand import Response, encode, remarks
from app.services.handed_in import HandedIn
from app.services.preparing import prepare

LABEL = st.text(st.characters(codec="utf-8"), min_size=1, max_size=9)
NUMBER = st.floats(-1e30, 1e30) | st.sampled_from([1.0, -0.0, 1e-6, 1e-5, 1e16, 1e21, 0.1])
VECTOR = st.lists(NUMBER, min_size=3, max_size=3).filter(lambda v: np.asarray(v, np.float32).any())
TEXT = st.text(st.characters(codec="utf-8"), max_size=9)


def check(protocol: Protocol, models: list[HandedIn]) -> None:
    for model, one in zip(models, prepare(protocol, models), strict=True):
        strand = encode(protocol, model.responses)
        given = [it if isinstance(it, str) else list(it) for it in model.responses]
        assert one.digest == digest_json(["reported", model.label, given])
        assert (one.label, one.claims) == (model.label, model.claims)
        assert one.strand == strand.to_bytes()
        assert one.dna == project(strand.values[None], protocol).astype("<f4").tobytes()
        assert orjson.loads(zlib.decompress(one.body)) == given
        assert one.notes == list(remarks(model.responses))


@given(st.lists(st.tuples(LABEL, VECTOR), min_size=1, max_size=4))
def test_vectors(given: list[tuple[str, list[float]]]) -> None:
    models = [HandedIn(label, (tuple(vector),), ()) for label, vector in given]
    check(reported_vectors("mine", 3), models)


@given(st.lists(st.tuples(LABEL, TEXT, TEXT), min_size=1, max_size=4))
def test_answers(given: list[tuple[str, Response, Response]]) -> None:
    models = [HandedIn(label, tuple(answers), ()) for label, *answers in given]
    check(reported_answers(ProbeSet("mine", ("one", "two"))), models)
