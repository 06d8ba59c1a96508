import pytest

from workers.vetting.data import FaultyDataError
from workers.vetting.tokenizer import (
    check_tokenizer_class,
    chosen_template,
    clean_special_tokens,
    clean_tokenizer_config,
)


def test_files_and_names_are_left_out_at_every_depth():
    config = {
        "tokenizer_class": "LlamaTokenizerFast",
        "eos_token": {"__type": "AddedToken", "content": "</s>"},
        "added_tokens_decoder": {"2": {"content": "</s>"}},
        "vocab_file": "/etc/passwd",
        "source_spm": "/etc/passwd",
        "vocab": "/etc/passwd",
        "fast_tokenizer_files": ["tokenizer.0.json"],
        "sp_model_kwargs": {"model_file": "/etc/passwd", "alpha": 0.1},
        "name_or_path": "org/name",
        "_commit_hash": "0",
        "init_inputs": [],
        "model_max_length": 10**30,
    }
    assert clean_tokenizer_config(config) == {
        "tokenizer_class": "LlamaTokenizerFast",
        "eos_token": {"__type": "AddedToken", "content": "</s>"},
        "added_tokens_decoder": {"2": {"content": "</s>"}},
        "sp_model_kwargs": {"alpha": 0.1},
        "model_max_length": 10**30,
    }


@pytest.mark.parametrize(
    "config",
    [
        {"auto_map": {"AutoTokenizer": ["x.Y", None]}},
        {"deep": [{"auto_map": 1}]},
        {"trust_remote_code": True},
        {"init_inputs": ["/etc/passwd"]},
        {"tokenizer_class": "AutoModel"},
        {"tokenizer_class": ["LlamaTokenizer"]},
    ],
)
def test_what_asks_for_code_is_refused(config):
    with pytest.raises(FaultyDataError):
        clean_tokenizer_config(config)


@pytest.mark.parametrize(
    "name",
    [None, "GPT2Tokenizer", "T5TokenizerFast", "PreTrainedTokenizerFast", "TokenizersBackend"],
)
def test_tokenizers_are_tokenizers(name):
    check_tokenizer_class(name)


def test_the_special_tokens_map_holds_tokens_only():
    tokens = {"eos_token": "</s>", "additional_special_tokens": ["<a>"]}
    assert clean_special_tokens(tokens | {"vocab_file": "/etc/passwd", "x": 1}) == tokens


@pytest.mark.parametrize(
    ("template", "chosen"),
    [
        (None, None),
        ("{{ x }}", "{{ x }}"),
        ([{"name": "tools", "template": "a"}, {"name": "default", "template": "b"}], "b"),
        ([{"name": "tools", "template": "a"}], None),
    ],
)
def test_the_default_template_is_chosen(template, chosen):
    assert chosen_template({"chat_template": template}) == chosen


@pytest.mark.parametrize("template", [7, {"default": "x"}, [{"name": "default", "template": 7}]])
def test_a_template_that_is_no_text_is_refused(template):
    with pytest.raises(FaultyDataError, match="chat_template"):
        chosen_template({"chat_template": template})
