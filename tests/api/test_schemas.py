"""What the document says of refs is what the service takes."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.api.schemas import REF_PATTERN
from app.errors import InputError
from app.hub.names import check_name, check_revision

PATTERN = re.compile(REF_PATTERN)


@pytest.mark.parametrize(
    "ref",
    [
        "Qwen/Qwen3-0.6B",
        "hf:Qwen/Qwen3-0.6B",
        "hf:gpt2",
        "meta-llama/Llama-3.1-8B-Instruct@main",
        f"hf:a/b@{'0' * 40}",
        "a/b@refs/pr/1",
        "local:/models/my model--v2..",
        "local:/模型/llama",
        "endpoint:openrouter/anthropic/claude-3.5",
        "endpoint:vllm/gpt2@2024-05",
    ],
)
def test_refs_that_are_documented(ref: str) -> None:
    assert PATTERN.fullmatch(ref)


@pytest.mark.parametrize(
    "ref",
    [
        *("", "gpt2", "a/b/c", "a/b-", "a--b/c", "a/b..c", "a/b@m..n", "./a/b"),
        *("hf:", "hf:a/b@", "hf:-a/b", "local:models", "import:a"),
        *("endpoint:Name/m", "endpoint:name", "endpoint:name/"),
    ],
)
def test_refs_that_are_not(ref: str) -> None:
    assert not PATTERN.fullmatch(ref)


@given(st.from_regex(PATTERN, fullmatch=True))
def test_the_hub_takes_what_is_documented(ref: str) -> None:
    source, colon, rest = ref.partition(":")
    assume(source not in ("local", "endpoint"))
    name, at, revision = (rest if colon else ref).partition("@")
    assume(not name.endswith(".git"))
    assert check_name(name) == name
    if at:
        assert check_revision(revision) == revision


@given(st.text("aB0_-.", max_size=5), st.text("aB0_-.", min_size=1, max_size=5))
def test_what_the_hub_takes_is_documented(owner: str, name: str) -> None:
    whole = f"{owner}/{name}" if owner else name
    try:
        check_name(whole)
    except InputError:
        assume(False)
    assert PATTERN.fullmatch(f"hf:{whole}")
    assert bool(PATTERN.fullmatch(whole)) == bool(owner)
