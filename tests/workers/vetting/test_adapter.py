import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import ModelError
from workers.vetting.adapter import BaseRef, LoraSettings, read_base, vet_adapter

# What peft 0.21 writes, but for what is null.
CONFIG = {
    "peft_type": "LORA",
    "peft_version": "0.21.2",
    "auto_mapping": {"base_model_class": "LlamaForCausalLM"},
    "base_model_name_or_path": "org/base",
    "revision": None,
    "bias": "none",
    "inference_mode": True,
    "init_lora_weights": True,
    "loftq_config": {},
    "lora_alpha": 16,
    "lora_dropout": 0.1,
    "megatron_core": "megatron.core",
    "qalora_group_size": 16,
    "r": 4,
    "rank_pattern": {"layers.0.self_attn.q_proj": 2},
    "alpha_pattern": {"^model.layers.1.self_attn.q_proj": 3},
    "target_modules": ["q_proj", "v_proj"],
    "modules_to_save": ["lm_head"],
    "use_dora": False,
    "use_rslora": True,
}


def raw(**changes):
    return json.dumps(CONFIG | changes).encode()


def test_what_is_needed_to_merge_is_read():
    settings = vet_adapter(raw())
    assert settings == LoraSettings(
        rank=4,
        alpha=16.0,
        rank_stabilised=True,
        ranks={"layers.0.self_attn.q_proj": 2},
        alphas={"^model.layers.1.self_attn.q_proj": 3.0},
        complete=("q_proj", "v_proj"),
        saved=("lm_head",),
    )
    assert LoraSettings.from_json(json.loads(json.dumps(settings.to_json()))) == settings


@pytest.mark.parametrize(
    "changes",
    [
        {"target_modules": ".*q_proj"},
        {"target_modules": "all-linear"},
        {"layers_to_transform": [0]},
        {"exclude_modules": ["lm_head"]},
    ],
)
def test_where_layers_are_chosen_none_must_be_there(changes):
    assert vet_adapter(raw(**changes)).complete == ()


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"peft_type": "VERA"}, "VERA"),
        ({"peft_type": None}, "None"),
        ({"peft_type": "PROMPT_TUNING"}, "PROMPT_TUNING"),
        ({"use_dora": True}, "use_dora"),
        ({"lora_bias": True}, "lora_bias"),
        ({"bias": "all"}, "biases"),
        ({"bias": ["none"]}, "biases"),
        ({"megatron_config": {"a": 1}}, "megatron_config"),
        ({"layer_replication": [[0, 1]]}, "layer_replication"),
        ({"alora_invocation_tokens": [1]}, "alora_invocation_tokens"),
        ({"target_parameters": ["experts.gate_up_proj"]}, "target_parameters"),
        ({"trainable_token_indices": [1]}, "trainable_token_indices"),
        ({"ensure_weight_tying": True}, "ensure_weight_tying"),
        ({"init_lora_weights": "pissa_niter_4"}, "init_lora_weights"),
        ({"init_lora_weights": "olora"}, "init_lora_weights"),
        ({"init_lora_weights": 1}, "init_lora_weights"),
        ({"of_next_year": 1}, "of_next_year"),
        ({"rank_pattern": {"(a+)+b": 4}}, "rank_pattern"),
    ],
)
def test_other_arithmetic_is_refused_by_name(changes, word):
    with pytest.raises(ModelError) as error:
        vet_adapter(raw(**changes))
    assert error.value.code == "unsupported_adapter"
    assert word in error.value.detail


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"[]",
        b"{" * 5_000,
        raw(r=0),
        raw(r=True),
        raw(r=10**9),
        raw(lora_alpha="16"),
        raw(lora_alpha=-1),
        raw(lora_alpha=10**9),
        raw(rank_pattern={"q_proj": 0}),
        raw(rank_pattern=["q_proj"]),
        raw(alpha_pattern={"q_proj": None}),
        raw(target_modules=7),
        raw(target_modules=["q proj"]),
        raw(modules_to_save=["../x"]),
    ],
)
def test_a_broken_config_is_refused(broken):
    with pytest.raises(ModelError, match="bad_adapter"):
        vet_adapter(broken)


def test_the_base_is_text():
    assert read_base(raw()) == BaseRef("org/base", None)
    assert read_base(raw(revision="main")) == BaseRef("org/base", "main")
    assert read_base(raw(peft_type="VERA")).name == "org/base"


@pytest.mark.parametrize("name", [None, "", 7, "a\nb", "a\x00", "x" * 5_000, "\u202egpj"])
def test_a_base_that_is_no_name_is_refused(name):
    with pytest.raises(ModelError, match="bad_adapter"):
        read_base(raw(base_model_name_or_path=name))


keys = st.sampled_from([*CONFIG, "use_dora", "x"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(keys, values))
def test_any_object_is_read_or_refused(changes):
    for read in (vet_adapter, read_base):
        with suppress(ModelError):
            read(raw(**changes))
