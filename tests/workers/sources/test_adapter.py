import json
import os
import subprocess
import sys
from dataclasses import asdict

import pytest

from app.errors import GenebankError, ModelError
from tests.workers.adapters import pairs, write_adapter
from tests.workers.models import write_model
from workers.sources.adapter import declared_base
from workers.sources.local import resolve_local
from workers.sources.resolved import Limits
from workers.vetting.adapter import BaseRef, LoraSettings


@pytest.fixture
def base(tmp_path):
    return write_model(tmp_path / "base")


def resolve(folder, base, private, limits=None):
    return resolve_local(folder, private, limits or Limits(), base)


def test_an_adapter_names_its_base_and_a_model_none(tmp_path, base):
    adapter = write_adapter(tmp_path / "a", revision="main")
    assert declared_base(adapter) == BaseRef("org/base", "main")
    assert declared_base(base) is None
    (base / "adapter_config.json").write_text("{}")
    assert declared_base(base) is None  # it is whole


def test_an_adapter_config_is_read_as_data(tmp_path):
    adapter = write_adapter(tmp_path / "a")
    (adapter / "adapter_config.json").unlink()
    (adapter / "adapter_config.json").symlink_to("/etc/hostname")
    with pytest.raises(ModelError, match="file_outside_folder"):
        declared_base(adapter)
    (adapter / "adapter_config.json").unlink()
    os.mkfifo(adapter / "adapter_config.json")
    with pytest.raises(ModelError, match="not_a_plain_file"):
        declared_base(adapter)
    (adapter / "adapter_config.json").unlink()
    (adapter / "adapter_config.json").write_bytes(b" " * (2 << 20))
    with pytest.raises(ModelError, match="file_too_large"):
        declared_base(adapter)


def test_an_adapter_is_laid_out_in_its_base(tmp_path, base):
    adapter = write_adapter(tmp_path / "a", inference_mode=True)
    (adapter / "README.md").write_text("---\nlicense: mit\n---\n")
    (adapter / "modeling_evil.py").touch()
    private = tmp_path / "private"
    model = resolve(adapter, base, private)
    alone = resolve(base, None, tmp_path / "other")
    laid = {str(path.relative_to(private)) for path in private.rglob("*") if path.is_file()}
    assert laid == {
        *("config.json", "model.safetensors", "tokenizer.json"),
        *("adapter/adapter_config.json", "adapter/adapter_model.safetensors"),
    }
    settings = json.loads((private / "adapter" / "adapter_config.json").read_text())
    assert settings.keys() == asdict(LoraSettings.from_json(settings)).keys()
    assert model.base_digest == alone.content_digest
    assert alone.base_digest is None
    assert (model.kind, model.n_parameters) == (alone.kind, alone.n_parameters)
    weights = (adapter / "adapter_model.safetensors").stat().st_size
    assert model.weight_bytes == alone.weight_bytes + weights
    assert [(claim.kind, claim.value, claim.source) for claim in model.claims] == [
        ("declared_base", "org/base", "adapter_config.json"),
        ("licence", "mit", "model card"),
    ]


def test_its_digests_follow_base_and_adapter(tmp_path, base):
    changes = {
        "same": lambda: None,
        "config": lambda: write_adapter(tmp_path / "a", lora_alpha=7),
        "weights": lambda: write_adapter(tmp_path / "a", pairs(1, 8, seed=1), lora_alpha=7),
        "base": lambda: (base / "tokenizer.json").write_text("{}"),
    }
    adapter = write_adapter(tmp_path / "a")
    seen = [resolve(adapter, base, tmp_path / "p")]
    for name, change in changes.items():
        change()
        seen.append(resolve(adapter, base, tmp_path / f"private-{name}"))
    first, same, config, weights, based = seen
    assert same == first
    assert len({one.content_digest for one in (first, config, weights, based)}) == 4
    assert config.weights_digest == first.weights_digest
    assert weights.weights_digest == based.weights_digest != first.weights_digest


def test_its_own_tokenizer_goes_before_that_of_the_base(tmp_path, base):
    (base / "chat_template.jinja").write_text("base")
    adapter = write_adapter(tmp_path / "a")
    (adapter / "chat_template.jinja").write_text("adapter")
    private = tmp_path / "p1"
    without = resolve(adapter, base, private)  # a template alone is no tokenizer
    assert (private / "chat_template.jinja").read_text() == "base"
    (adapter / "tokenizer.json").write_text('{"model": {}}')
    private = tmp_path / "p2"
    with_own = resolve(adapter, base, private)
    assert (private / "chat_template.jinja").read_text() == "adapter"
    assert (private / "tokenizer.json").read_text() == '{"model": {}}'
    assert with_own.chat_template_digest != without.chat_template_digest
    assert with_own.content_digest != without.content_digest
    (adapter / "chat_template.jinja").unlink()
    private = tmp_path / "p3"
    assert resolve(adapter, base, private).chat_template_digest is None
    assert not (private / "chat_template.jinja").exists()


def pickled(adapter):
    (adapter / "adapter_model.safetensors").rename(adapter / "adapter_model.bin")


def without_weights(adapter):
    (adapter / "adapter_model.safetensors").unlink()


def truncated(adapter):
    os.truncate(adapter / "adapter_model.safetensors", 100)


def borrowed(adapter):
    (adapter / "adapter_model.safetensors").rename(adapter.parent / "x.safetensors")
    (adapter / "adapter_model.safetensors").symlink_to(adapter.parent / "x.safetensors")


def dora(adapter):
    write_adapter(adapter, use_dora=True)


def garbled(adapter):
    (adapter / "adapter_config.json").write_text("{")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (pickled, "pickle_only"),
        (without_weights, "bad_adapter"),
        (truncated, "bad_safetensors"),
        (borrowed, "file_outside_folder"),
        (dora, "unsupported_adapter"),
        (garbled, "bad_adapter"),
    ],
)
def test_a_spoiled_adapter_has_a_code_of_its_own(tmp_path, base, spoil, code):
    adapter = write_adapter(tmp_path / "a")
    spoil(adapter)
    with pytest.raises(GenebankError) as error:
        resolve(adapter, base, tmp_path / "private")
    assert error.value.code == code


def test_an_adapter_alone_an_adapter_on_an_adapter_and_large_ones_are_refused(tmp_path, base):
    adapter = write_adapter(tmp_path / "a")
    with pytest.raises(ModelError, match="base_missing"):
        resolve(adapter, None, tmp_path / "p1")
    with pytest.raises(ModelError, match="not_a_model"):
        resolve(adapter, write_adapter(tmp_path / "b"), tmp_path / "p2")
    bound = Limits(max_weight_bytes=(base / "model.safetensors").stat().st_size + 10)
    with pytest.raises(ModelError, match="too_large"):
        resolve(adapter, base, tmp_path / "p3", bound)


def test_neither_torch_nor_numpy_is_imported():
    code = (
        "import sys, workers.sources.adapter; "
        "sys.exit(bool({'torch', 'transformers', 'numpy'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
