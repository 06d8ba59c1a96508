"""Prompts become token ids: by the chat template where asked for, and nothing follows them."""

import re
from pathlib import Path
from typing import Any

import pytest

from app.errors import ModelError
from tests.workers.llms.conftest import TEMPLATE, build
from workers.llms.facts import Facts
from workers.llms.loading import load_tokenizer
from workers.llms.texts import chat_template, encode_passage, encode_prompt

FACTS = Facts(vocabulary=320, positions=256, fill=0, stops=(2,), start=None, token_bytes=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("llama", tmp_path_factory.mktemp("texts"))


@pytest.fixture
def tokenizer(folder: Path) -> Any:
    return load_tokenizer(folder)


def test_chat_uses_the_template_and_adds_no_second_beginning(tokenizer: Any) -> None:
    tokenizer.chat_template = "<s>" + TEMPLATE
    ids = encode_prompt(tokenizer, FACTS, "river stone", chat=True)
    expected = "<s>[user] river stone\n[assistant] "
    assert ids == tokenizer(expected, add_special_tokens=False)["input_ids"]
    assert ids.count(1) == 1


def test_without_chat_or_template_the_prompt_is_continued(tokenizer: Any) -> None:
    plain = tokenizer("river stone")["input_ids"]
    assert encode_prompt(tokenizer, FACTS, "river stone", chat=True) == plain
    tokenizer.chat_template = TEMPLATE
    assert encode_prompt(tokenizer, FACTS, "river stone", chat=False) == plain
    assert encode_prompt(tokenizer, FACTS, "river stone", chat=True) != plain


def test_of_several_templates_the_default_is_used(tokenizer: Any) -> None:
    tokenizer.chat_template = {"default": TEMPLATE, "tool_use": "tools"}
    assert chat_template(tokenizer) == TEMPLATE
    tokenizer.chat_template = {"a": TEMPLATE, "b": TEMPLATE}
    with pytest.raises(ModelError) as caught:
        encode_prompt(tokenizer, FACTS, "river", chat=True)
    assert caught.value.code == "chat_template_failed"


def test_a_template_that_prints_the_date_gives_the_same_every_day(tokenizer: Any) -> None:
    dated = "{% macro day() %}{{ strftime_now(format='%A, %-d %B %y %H:%M') }}{% endmacro %}"
    for template, expected in {
        "  {% if true %}{{ strftime_now('%d %b %Y') }}{% endif %}": "26 Jul 2024",
        "\n{{ strftime_now('%Y-%m-%d') if strftime_now is defined }}": "\n2024-07-26",
        dated + "{{ day() }}": "Friday, 26 July 24 00:00",
    }.items():
        tokenizer.chat_template = template
        ids = encode_prompt(tokenizer, FACTS, "river", chat=True)
        assert ids == tokenizer(expected, add_special_tokens=False)["input_ids"]


@pytest.mark.parametrize(
    "template",
    [
        "{% if",
        "{{ raise_exception('no') }}",
        "{{ messages.__class__.__mro__ }}{{ x.y.z }}",
        "{{ strftime_now.__globals__['os'] }}",
        "{% for i in range(100000000) %}x{% endfor %}",
    ],
)
def test_a_bad_template_is_a_coded_error(tokenizer: Any, template: str) -> None:
    tokenizer.chat_template = template
    with pytest.raises(ModelError) as caught:
        encode_prompt(tokenizer, FACTS, "river", chat=True)
    assert caught.value.code == "chat_template_failed"


def test_a_rendered_prompt_beyond_64_kib_is_refused(tokenizer: Any) -> None:
    tokenizer.chat_template = "{{ messages[0].content * 1000 }}"
    with pytest.raises(ModelError) as caught:
        encode_prompt(tokenizer, FACTS, "x" * 66, chat=True)
    assert caught.value.code == "prompt_too_long"


def test_the_end_that_a_tokenizer_adds_is_taken_from_a_causal_prompt(
    tokenizer: Any, tmp_path: Path
) -> None:
    ending = load_tokenizer(build("t5", tmp_path))
    ids = ending("river")["input_ids"]
    assert ids[-1] == 2
    assert encode_prompt(ending, FACTS, "river", chat=False) == ids[:-1]
    decoder = Facts(vocabulary=320, positions=None, fill=0, stops=(2,), start=2, token_bytes=1)
    assert encode_prompt(ending, decoder, "river", chat=False) == ids


def test_tokens_that_the_model_does_not_have_are_refused(tokenizer: Any) -> None:
    few = Facts(vocabulary=40, positions=256, fill=0, stops=(2,), start=None, token_bytes=1)
    for encode in (
        lambda: encode_prompt(tokenizer, few, "river stone", chat=False),
        lambda: encode_passage(tokenizer, few, "river stone", 1),
    ):
        with pytest.raises(ModelError) as caught:
            encode()
        assert caught.value.code == "tokenizer_mismatch"
        assert re.search(r"\b40\b", caught.value.detail)


def test_dropout_of_merges_is_taken_from_the_tokenizer(folder: Path, tmp_path: Path) -> None:
    text = (folder / "tokenizer.json").read_text()
    assert text.count('"dropout": null') == 1
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    random = text.replace('"dropout": null', '"dropout": 0.9')
    (tmp_path / "tokenizer.json").write_text(random)
    steady = load_tokenizer(folder)("river stone paper")["input_ids"]
    for _ in range(5):
        assert load_tokenizer(tmp_path)("river stone paper")["input_ids"] == steady
