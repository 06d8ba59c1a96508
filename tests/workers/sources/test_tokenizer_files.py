import hashlib
import json

import pytest

from app.errors import ModelError
from app.hub.file_names import TEMPLATE_NAME, TOKENIZER_FILES
from tests.workers.models import names
from workers.sources.tokenizer_files import MAX_BYTES, gather_tokenizer


@pytest.fixture
def folder(tmp_path):
    for name in ("model", "private"):
        (tmp_path / name).mkdir()
    (tmp_path / "model" / "tokenizer.json").write_text("{}")
    return tmp_path / "model"


def gather(folder):
    return gather_tokenizer(folder, folder.parent / "private", names(folder))


def refusal(folder):
    with pytest.raises(ModelError) as error:
        gather(folder)
    return error.value.code


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def test_each_file_has_its_bound_and_the_template_is_the_last():
    assert set(MAX_BYTES) == TOKENIZER_FILES
    assert [*MAX_BYTES][-1] == TEMPLATE_NAME


def test_known_files_are_copied_and_cleaned_and_others_stay(folder):
    config = {"vocab_file": "/etc/passwd", "eos_token": "</s>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    (folder / "special_tokens_map.json").write_text(json.dumps(config))
    (folder / "merges.txt").write_text("a b")
    for stranger in ("modeling.py", "generation_config.json", "adapter_config.json"):
        (folder / stranger).write_text("{}")
    found = gather(folder)
    private = folder.parent / "private"
    assert {path.name for path in private.iterdir()} == set(found.digests)
    assert set(found.digests) == {
        *("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "merges.txt")
    }
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        assert json.loads((private / name).read_text()) == {"eos_token": "</s>"}
    assert found.digests["merges.txt"] == sha256("a b")
    assert found.chat_template_digest is None


def test_the_template_file_comes_before_the_one_in_the_config(folder):
    config = folder / "tokenizer_config.json"
    config.write_text(json.dumps({"chat_template": "é"}))
    assert gather(folder).chat_template_digest == sha256("é")
    (folder / "chat_template.jinja").write_text("{{ messages }}")
    assert gather(folder).chat_template_digest == sha256("{{ messages }}")


@pytest.mark.parametrize("name", ["vocab.txt", "spiece.model", "tokenizer.model"])
def test_any_vocabulary_will_do(folder, name):
    (folder / "tokenizer.json").rename(folder / name)
    assert set(gather(folder).digests) == {name}


def test_none_is_refused(folder):
    (folder / "tokenizer.json").rename(folder / "merges.txt")
    assert refusal(folder) == "no_tokenizer"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("tokenizer.json", b"{", "bad_tokenizer"),
        ("tokenizer.json", b"[]", "bad_tokenizer"),
        ("tokenizer.json", b"[" * 100_000, "bad_tokenizer"),
        ("tokenizer_config.json", b'{"auto_map": {}}', "bad_tokenizer"),
        ("tokenizer_config.json", b'{"tokenizer_class": "AutoModel"}', "bad_tokenizer"),
        ("tokenizer_config.json", b'{"chat_template": "\\ud800"}', "bad_tokenizer"),
        ("chat_template.jinja", b"\xff", "bad_tokenizer"),
        ("chat_template.jinja", b" " * (1024**2 + 1), "file_too_large"),
    ],
)
def test_faulty_files_are_refused(folder, name, content, code):
    (folder / name).write_bytes(content)
    assert refusal(folder) == code


def test_a_link_out_of_the_folder_is_refused(folder):
    (folder / "vocab.txt").symlink_to("/etc/passwd")
    assert refusal(folder) == "file_outside_folder"
