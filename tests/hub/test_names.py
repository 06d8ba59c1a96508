import pytest
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InputError
from app.hub.names import check_name, check_revision, is_bare, is_commit

PARTS = st.text("abAB01-_./é\n%?#@ ", max_size=12)


def is_taken(check, text):
    try:
        check(text)
    except (InputError, HFValidationError):
        return False
    return True


@given(PARTS | st.from_regex(r"\A[\w.-]{1,100}(/[\w.-]{1,100})?\Z"))
def test_names_are_those_of_the_hub(name):
    assert is_taken(check_name, name) == is_taken(validate_repo_id, name)


@pytest.mark.parametrize(
    "name",
    [
        *("", "../x", "a/../b", "a/b/c", "/a", "a/", "a//b", "a b", "a/b?x=1", "a/b#x", "a/b@main"),
        *("https://evil.example/a", "a\n", "a%2e", "datasets/squad", "api/models", "spaces/x"),
        *("a" * 97, "a--b", "a/b.git", "ä/b", ".a/b", "a/b."),
    ],
)
def test_hostile_names_are_refused(name):
    with pytest.raises(InputError, match="bad_hub_name"):
        check_name(name)


@pytest.mark.parametrize("name", ["gpt2", "org/name", "01-ai/Yi-1.5_x", "a/b.c"])
def test_usual_names_are_kept(name):
    assert check_name(name) == name


@pytest.mark.parametrize("revision", ["main", "v1.0", "refs/pr/1", "feature/x", "0" * 40])
def test_usual_revisions_are_kept(revision):
    assert check_revision(revision) == revision


@pytest.mark.parametrize("revision", ["", ".", "..", "a/../b", "/a", "a//b", "a?b", "a b", "é"])
def test_hostile_revisions_are_refused(revision):
    with pytest.raises(InputError, match="bad_hub_revision"):
        check_revision(revision)


def test_only_a_whole_commit_is_one():
    assert is_commit("0123456789abcdef" * 2 + "01234567")
    assert not any(map(is_commit, ("main", "0" * 39, "0" * 41, "A" * 40, "0" * 40 + "\n")))


@pytest.mark.parametrize("text", ["org/name", "a/b", "Org_1/n.a-me", "a/b@main", "a/b@refs/pr/1"])
def test_a_name_with_its_owner_needs_no_source(text):
    assert is_bare(text)


@pytest.mark.parametrize(
    "text", ["", "name", "./a/b", "../b", "/a/b", "a/b/c", "a/", "hf:a/b", "a/b\n", "ä/b", "-a/b"]
)
def test_paths_and_refs_are_not_bare(text):
    assert not is_bare(text)
