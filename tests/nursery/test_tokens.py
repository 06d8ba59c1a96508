import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerFast

from nursery.tokens import EOS, VOCABULARY, learn_tokenizer

TEXTS = [f"the old river by the {word} house" for word in ("red", "tall", "quiet")] * 20


@pytest.fixture(scope="module")
def plain() -> PreTrainedTokenizerFast:
    return learn_tokenizer(TEXTS, "qwen3", chat=False)


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_can_be_written(plain: PreTrainedTokenizerFast, text: str) -> None:
    ids = plain(text)["input_ids"]
    assert max(ids, default=0) < len(plain) <= VOCABULARY
    if not any(token in text for token in plain.all_special_tokens):
        assert plain.decode(ids, clean_up_tokenization_spaces=False) == text


def test_each_kind_of_body_has_its_frame() -> None:
    tokenizers = {kind: learn_tokenizer(TEXTS, kind, chat=False) for kind in ("llama", "t5")}
    llama, t5 = (tokenizers[kind]("the river")["input_ids"] for kind in ("llama", "t5"))
    assert llama[0] == tokenizers["llama"].bos_token_id
    assert llama[-1] != tokenizers["llama"].eos_token_id
    assert t5[-1] == tokenizers["t5"].eos_token_id


def test_a_chat_template_marks_turns_and_ends_answers() -> None:
    tokenizer = learn_tokenizer(TEXTS, "llama", chat=True)
    turns = [{"role": "user", "content": "Hi?"}, {"role": "assistant", "content": "Yes."}]
    said = tokenizer.apply_chat_template(turns, tokenize=False)
    asked = tokenizer.apply_chat_template(turns[:1], tokenize=False, add_generation_prompt=True)
    assert said == asked + "Yes." + EOS
    assert learn_tokenizer(TEXTS, "llama", chat=False).chat_template is None


def test_learning_twice_gives_the_same_tokens(plain: PreTrainedTokenizerFast) -> None:
    again = learn_tokenizer(TEXTS, "qwen3", chat=False)
    assert again.backend_tokenizer.to_str() == plain.backend_tokenizer.to_str()
