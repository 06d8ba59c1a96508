"""Use case: the family of each model as it was declared, for nulls that hold no relatives."""

from collections.abc import Iterable, Mapping, Sequence

from app.records import EntryRecord
from app.store import models
from app.store.database import Session

# Fine-tunes of fine-tunes of fine-tunes; beyond, a chain is somebody's mistake.
LONGEST_CHAIN = 16


def declared_families(session: Session, found: Sequence[EntryRecord]) -> list[str]:
    """The last base on each entry's chain of declared bases, or its own name; lower-case.

    Names are compared by their last part, as `org/name` is in hub claims, without a revision.
    What one declares wrongly costs the null a few pairs, and puts none into it.
    """
    owners = models.by_digest(session, [entry.model_digest for entry in found])
    names = {entry.model_digest: short_name(owners[entry.model_digest][0].name) for entry in found}
    bases = _bases(session, names.values())
    return [_root(names[entry.model_digest], bases) for entry in found]


def _bases(session: Session, names: Iterable[str]) -> dict[str, str]:
    """Declared bases by name, for these names and all that lie above them."""
    bases: dict[str, str] = {}
    wanted = set(names)
    for _ in range(LONGEST_CHAIN):
        found = models.declared_bases(session, wanted)
        bases |= {name: short_name(base) for name, base in found.items()}
        wanted = {base for name, base in bases.items() if name in wanted} - bases.keys()
        if not wanted:
            break
    return bases


def _root(name: str, bases: Mapping[str, str]) -> str:
    passed: list[str] = []
    while name in bases and name not in passed:
        passed.append(name)
        name = bases[name]
    # A ring has no last one: its first name in the alphabet stands for it.
    return min(passed[passed.index(name) :]) if name in passed else name


def short_name(name: str) -> str:
    """A name as it is compared: lower case, without `org/` and revision."""
    return name.lower().rpartition("/")[2].partition("@")[0]
