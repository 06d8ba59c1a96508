import pytest

from app.errors import ModelError
from workers.vetting.data import FaultyDataError
from workers.vetting.keys import REFUSED, clean


@pytest.mark.parametrize(
    "key",
    [
        *sorted(REFUSED),
        "_attn_implementation",
        "_attn_implementation_internal",
        "_experts_implementation_internal",
        "__class__",
    ],
)
@pytest.mark.parametrize("wrap", [lambda c: c, lambda c: {"a": c}, lambda c: {"a": [[{"b": c}]]}])
def test_dangerous_keys_are_refused_at_every_depth(key, wrap):
    with pytest.raises(FaultyDataError, match=key):
        clean(wrap({key: {"AutoModel": "evil/repo--modeling.Evil"}}))
    assert key not in str(clean(wrap({key: None})))


def test_names_and_private_keys_are_left_out():
    config = {
        "hidden_size": 8,
        "_name_or_path": "org/name",
        "name_or_path": "/etc",
        "_commit_hash": "0",
        "_attn_implementation_autoset": True,
        "rope_scaling": {"factor": 2.0, "_x": 1},
        "limit": {"__float__": "Infinity"},
    }
    assert clean(config) == {
        "hidden_size": 8,
        "rope_scaling": {"factor": 2.0},
        "limit": {"__float__": "Infinity"},
    }


def test_a_config_inside_the_config_is_not_supported():
    with pytest.raises(ModelError) as error:
        clean({"text_config": {"model_type": "llama"}})
    assert error.value.code == "unsupported_architecture"
    assert clean({"attn_config": {"model_type": ""}}) == {"attn_config": {"model_type": ""}}
