"""What may name a repository of the hub and a revision of it, before either becomes a URL."""

import re

from app.errors import InputError

# The hub's own rule for a part of a name.
_PART = r"\w(?:[\w.-]{0,94}\w)?"
_NAME = re.compile(rf"(?:(?P<owner>{_PART})/)?{_PART}", re.ASCII)
# These begin the addresses of other things than models.
_NOT_OWNERS = frozenset({"api", "buckets", "datasets", "kernels", "models", "spaces"})
_REVISION = re.compile(r"\w[\w./-]{0,199}", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}")


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
    return _COMMIT.fullmatch(revision) is not None
