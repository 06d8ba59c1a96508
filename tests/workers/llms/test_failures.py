"""Whatever a library raises becomes one short coded error; what is not its fault passes through."""

import base64
import json

import pytest
import torch
from tokenizers import Tokenizer

from app.errors import InputError, ModelError
from workers.llms.failures import failing_as


def _reading(error: BaseException, hide: str = "") -> ModelError:
    with pytest.raises(ModelError) as caught, failing_as("load_failed", "It failed", hide):
        raise error
    return caught.value


def test_type_and_first_line_are_kept() -> None:
    error = _reading(KeyError("\n  no such tensor\nTraceback ..."))
    assert (error.code, error.detail) == (
        "load_failed",
        r"It failed: KeyError: '\n  no such tensor\nTraceback ...'",
    )
    assert _reading(ValueError("\n one \n two")).detail == "It failed: ValueError: one"
    assert _reading(ValueError()).detail == "It failed: ValueError: "


def test_details_are_short_and_show_no_folder() -> None:
    assert len(_reading(ValueError("x" * 5000)).detail) < 320
    folder = "/srv/gene bank/models/7"
    detail = _reading(OSError(f"No file {folder}/config.json, see '/opt/lib/x.py'"), folder).detail
    assert detail == "It failed: OSError: No file its directory/config.json, see 'x.py'"


def test_a_panic_of_the_tokenizer_is_caught_although_it_is_no_exception() -> None:
    charsmap = base64.b64encode(b"\x00\x00\x00\x01abc").decode()
    normalizer = {"type": "Precompiled", "precompiled_charsmap": charsmap}
    text = json.dumps(
        {
            "version": "1.0",
            "added_tokens": [],
            "normalizer": normalizer,
            "model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"},
        }
    )
    with pytest.raises(ModelError) as caught, failing_as("load_failed", "It failed"):
        Tokenizer.from_str(text)
    assert not isinstance(caught.value.__cause__, Exception)


@pytest.mark.parametrize(
    "error",
    [InputError("bad_passage", "Mend it."), KeyboardInterrupt(), SystemExit(3), MemoryError()],
)
def test_what_is_not_the_librarys_fault_passes(error: BaseException) -> None:
    with pytest.raises(type(error)) as caught, failing_as("load_failed", "It failed"):
        raise error
    assert caught.value is error


def test_running_out_of_memory_stays_that() -> None:
    with pytest.raises(MemoryError), failing_as("forward_failed", "It failed"):
        torch.empty(1 << 60)
    with pytest.raises(MemoryError), failing_as("forward_failed", "It failed"):
        raise torch.OutOfMemoryError("CUDA out of memory.")
