import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import ModelError
from app.records import Claim
from workers.sources.resolved import ResolvedModel

MODEL = ResolvedModel(
    content_digest="0" * 64,
    weights_digest="1" * 64,
    model_type="llama",
    kind="causal",
    architecture="LlamaForCausalLM",
    n_parameters=264,
    weight_bytes=1_200,
    chat_template_digest=None,
    quantisation="gptq",
    base_digest="2" * 64,
    claims=(Claim("licence", "mit", "model card"),),
)


def test_it_travels_as_json():
    assert ResolvedModel.from_json(json.loads(json.dumps(MODEL.to_json()))) == MODEL


@pytest.mark.parametrize(
    "change",
    [
        {"n_parameters": "264"},
        {"n_parameters": True},
        {"weight_bytes": 1.5},
        {"kind": "other"},
        {"kind": ["causal"]},
        {"content_digest": None},
        {"chat_template_digest": 7},
        {"quantisation": {}},
        {"base_digest": False},
        {"claims": None},
        {"claims": [["licence", "mit", "card"]]},
        {"claims": [{"kind": "licence", "value": "mit"}]},
        {"claims": [{"kind": "licence", "value": 7, "source": "x"}]},
        {"claims": [{"kind": "other", "value": "mit", "source": "x"}]},
        {"more": 1},
    ],
)
def test_what_to_json_did_not_write_is_refused(change):
    with pytest.raises(ModelError) as error:
        ResolvedModel.from_json(MODEL.to_json() | change)
    assert error.value.code == "bad_resolution"


@given(st.none() | st.integers() | st.lists(st.text()) | st.dictionaries(st.text(), st.text()))
def test_other_json_is_refused(data):
    with pytest.raises(ModelError):
        ResolvedModel.from_json(data)
