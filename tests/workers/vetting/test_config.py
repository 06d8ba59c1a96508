import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import ModelError
from tests.workers.models import CONFIG, config_bytes
from workers.vetting.config import MAX_BYTES, vet_config


def refusal(raw):
    with pytest.raises(ModelError) as error:
        vet_config(raw)
    return error.value


def test_an_ordinary_config_passes_unchanged():
    vetted = vet_config(config_bytes())
    assert vetted.values == CONFIG
    assert (vetted.model_type, vetted.kind) == ("llama", "causal")
    assert vetted.architecture == "LlamaForCausalLM"


def test_encoder_decoders_are_known_and_names_are_dropped():
    raw = json.dumps(
        {"model_type": "t5", "d_model": 8, "num_layers": 2, "vocab_size": 32}
        | {"is_encoder_decoder": True, "_name_or_path": "t5-small"}
    )
    vetted = vet_config(raw.encode())
    assert (vetted.kind, vetted.architecture) == ("seq2seq", "t5")
    assert "_name_or_path" not in vetted.values


@pytest.mark.parametrize(
    ("changes", "code", "word"),
    [
        ({"auto_map": {"AutoModel": "x.Y"}}, "config_refused", "auto_map"),
        ({"attn_implementation": "evil/kernel"}, "config_refused", "attn_implementation"),
        ({"rope_scaling": {"auto_map": 1}}, "config_refused", "auto_map"),
        ({"transformers_weights": "../x.safetensors"}, "config_refused", "transformers_weights"),
        ({"num_hidden_layers": 10**7}, "config_refused", "num_hidden_layers"),
        ({"hidden_size": None}, "config_refused", "lacks hidden_size"),
        ({"hidden_size": None, "d_model": 8}, "config_refused", "lacks hidden_size"),
        ({"vocab_size": None}, "config_refused", "lacks vocab_size"),
        ({"model_type": None}, "config_refused", "model_type"),
        ({"model_type": ["llama"]}, "config_refused", "model_type"),
        ({"dtype": "load"}, "config_refused", "dtype"),
        ({"torch_dtype": 7}, "config_refused", "torch_dtype"),
        ({"is_encoder_decoder": True}, "config_refused", "is_encoder_decoder"),
        ({"tokenizer_class": "AutoModel"}, "config_refused", "tokenizer_class"),
        ({"architectures": "LlamaForCausalLM"}, "config_refused", "architectures"),
        ({"architectures": ["a b"]}, "config_refused", "architectures"),
        ({"architectures": ["BertForMaskedLM"]}, "unsupported_architecture", "BertForMaskedLM"),
        ({"architectures": ["T5EncoderModel"]}, "unsupported_architecture", "T5EncoderModel"),
        ({"model_type": "resnet"}, "unsupported_architecture", "resnet"),
        ({"model_type": "é\n"}, "unsupported_architecture", "xe9"),
        ({"quantization_config": {"quant_method": "hqq"}}, "unsupported_quantisation", "hqq"),
        ({"quantization_config": [8]}, "config_refused", "quantization_config"),
        ({"quantization_config": {"auto_map": {}}}, "config_refused", "auto_map"),
        ({"compression_config": {}}, "unsupported_quantisation", "compression_config"),
    ],
)
def test_refusals_name_the_fault(changes, code, word):
    error = refusal(config_bytes(**changes))
    assert error.code == code
    assert word in error.detail


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"{", b'{"a": 1, "a": 1}', b'{"a":' * 5_000, b" " * (MAX_BYTES + 1)],
)
def test_what_is_no_config_is_refused(raw):
    assert refusal(raw).code == "config_refused"


def test_a_null_where_a_key_would_be_refused_is_left_out():
    raw = json.dumps(CONFIG | {"auto_map": None, "quantization_config": None}).encode()
    assert vet_config(raw).values == CONFIG


keys = st.sampled_from(
    ["model_type", "architectures", "vocab_size", "dtype", "rope_scaling", "auto_map", "x"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just("llama"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(keys | st.text(), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.dictionaries(keys, values))
def test_any_object_is_vetted_or_refused(changes):
    try:
        vetted = vet_config(json.dumps(CONFIG | changes).encode())
    except ModelError:
        return
    assert vetted.model_type == "llama"
    assert "auto_map" not in json.dumps(list(vetted.values))
