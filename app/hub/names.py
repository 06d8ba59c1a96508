"""What may name a repository of the hub and a revision of it, before either becomes a URL."""

import re

from app.errors import InputError

# Patterns mean the same in JSON Schema, so they have no \w.
_WORD = "[A-Za-z0-9_]"
# The hub's own rule for a part of a name.
PART = f"{_WORD}(?:[A-Za-z0-9_.-]{{0,94}}{_WORD})?"
REVISION = f"{_WORD}[A-Za-z0-9_./-]{{0,199}}"
# Of a commit, or of a file's content.
SHA1 = re.compile("[0-9a-f]{40}")
_NAME = re.compile(f"(?:(?P<owner>{PART})/)?{PART}")
_BARE = re.compile(f"{PART}/{PART}(?:@.*)?")
# These begin the addresses of other things than models.
_NOT_OWNERS = frozenset({"api", "buckets", "datasets", "kernels", "models", "spaces"})
_REVISION = re.compile(REVISION)


def is_bare(text: str) -> bool:
    """Whether a text without a source is `owner/name` of the hub, with `@revision` or without."""
    return _BARE.fullmatch(text) is not None


def check_name(name: str) -> str:
    """Return `name`, or `owner/name`, as the hub spells names; InputError `bad_hub_name`."""
    found = _NAME.fullmatch(name)
    if (
        found is None
        or found["owner"] in _NOT_OWNERS
        or "--" in name
        or ".." in name
        or name.endswith(".git")
    ):
        raise InputError(
            "bad_hub_name",
            "A model of the hub is named org/name, in letters, digits, '-', '_' and '.'.",
        )
    return name


def check_revision(revision: str) -> str:
    """Return a branch, tag or commit; InputError `bad_hub_revision`."""
    if not _REVISION.fullmatch(revision) or ".." in revision or "//" in revision:
        raise InputError(
            "bad_hub_revision", "A revision is a branch, a tag or a commit, such as main or v1.0."
        )
    return revision


def is_commit(revision: str) -> bool:
    """Whether a revision is a whole commit, which never moves."""
    return SHA1.fullmatch(revision) is not None
