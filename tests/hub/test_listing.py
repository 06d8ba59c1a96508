import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import GenebankError, ModelError, SetupError
from app.hub.listing import parse_answer, read_listing

FILES = ("config.json", "tokenizer.json", "model.safetensors")


def sibling(path, **other):
    return {"rfilename": path, "size": 7, "blobId": "b" * 40, **other}


def answer(**other):
    siblings = [sibling(path) for path in FILES]
    return {"id": "org/m", "sha": "a" * 40, "siblings": siblings, **other}


def read(said, max_files=10, max_weight_bytes=100):
    return read_listing(said, max_files, max_weight_bytes)


def test_a_listing_is_a_model():
    lfs = {"sha256": "c" * 64, "size": 7, "pointerSize": 1}
    listed = [*answer()["siblings"][:2], sibling("model.safetensors", lfs=lfs)]
    model = read(answer(siblings=listed, cardData={"license": "mit"}))
    assert (model.name, model.commit) == ("org/m", "a" * 40)
    assert [(file.path, file.sha256) for file in model.files] == [
        *((name, None) for name in FILES[:2]),
        ("model.safetensors", "c" * 64),
    ]
    assert (model.weight_bytes, model.total_bytes) == (7, 21)
    assert [(claim.kind, claim.value, claim.source) for claim in model.claims] == [
        ("licence", "mit", "hub")
    ]


@pytest.mark.parametrize(
    ("said", "limits", "code"),
    [
        (answer(disabled=True), {}, "disabled"),
        (answer(), {"max_files": 2}, "too_many_files"),
        (answer(), {"max_weight_bytes": 6}, "too_large"),
    ],
)
def test_models_are_refused(said, limits, code):
    with pytest.raises(ModelError, match=code):
        read(said, **limits)


@pytest.mark.parametrize(
    "said",
    [
        {},
        answer(siblings={}),
        answer(siblings=[1]),
        answer(siblings=[sibling("config.json", size=None)]),
        answer(
            siblings=[*map(sibling, FILES), sibling("model-00001-of-00001.safetensors", size=-1)]
        ),
        answer(siblings=[sibling("config.json", blobId="../x")]),
        answer(siblings=[sibling("config.json", lfs={"sha256": 1})]),
        answer(siblings=[sibling("config.json", lfs=[])]),
        answer(siblings=[sibling(None)]),
        answer(sha="main"),
        answer(sha=None),
        answer(id="../../x"),
        answer(id=None),
    ],
)
def test_what_no_hub_says_is_not_believed(said):
    with pytest.raises(SetupError, match="bad_hub_answer"):
        read(said)


@pytest.mark.parametrize("raw", [b"", b"<html>", b"[]", b"\xff", b"[" * 100_000])
def test_what_is_no_object_is_not_believed(raw):
    with pytest.raises(SetupError, match="bad_hub_answer"):
        parse_answer(raw)


@given(
    st.dictionaries(
        st.sampled_from(("id", "sha", "siblings", "cardData", "createdAt", "disabled")),
        st.none() | st.integers() | st.text() | st.lists(st.dictionaries(st.text(), st.text())),
    )
)
def test_any_answer_is_a_model_or_an_error_of_ours(changes):
    with contextlib.suppress(GenebankError):
        read(parse_answer(json.dumps(answer(**changes)).encode()))
