"""Whatever a library raises becomes one short coded error; what is not its fault passes through."""

import base64
import json
import signal
import subprocess
import sys
import threading

import pytest
import torch
from tokenizers import Tokenizer

from app.errors import InputError, ModelError
from workers.llms.failures import failing_as, within


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


def _spin() -> None:
    while True:
        pass


def test_what_takes_too_long_is_a_coded_error_and_no_timer_is_left() -> None:
    before = signal.getsignal(signal.SIGPROF)
    with pytest.raises(ModelError) as caught, within(0.05, "tokenizer_failed", "It failed"):
        _spin()
    assert (caught.value.code, caught.value.detail) == (
        "tokenizer_failed",
        "It failed: it took more than 0.05 seconds.",
    )
    assert signal.getsignal(signal.SIGPROF) is before
    for timer in (signal.ITIMER_PROF, signal.ITIMER_VIRTUAL):
        assert signal.getitimer(timer) == (0.0, 0.0)


def test_waiting_costs_no_time_of_the_processor() -> None:
    with within(0.05, "tokenizer_failed", "It failed"):
        threading.Event().wait(0.2)


def test_native_code_that_never_returns_ends_the_process() -> None:
    code = (
        "from tokenizers import Regex, Tokenizer, models, pre_tokenizers\n"
        "from workers.llms.failures import within\n"
        "tokenizer = Tokenizer(models.WordLevel({'a': 0}, 'a'))\n"
        "tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex('a*a*(?<=b)'), 'isolated')\n"
        "with within(0.1, 'tokenizer_failed', 'It failed'):\n"
        "    tokenizer.encode_batch(['a' * 5000])\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)
    assert ended.returncode == -signal.SIGVTALRM
