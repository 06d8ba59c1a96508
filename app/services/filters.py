"""Use case: which entries a search is asked for, by what is known or said of their models."""

import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from app.dna.protocol import Protocol
from app.errors import InputError, NotFoundError
from app.records import Evidence, is_date
from app.search.among import Among
from app.search.policy import FLAT_MOST
from app.search.view import View
from app.services.declared_families import short_name
from app.store import passing
from app.store.database import Session
from app.store.near import near_names

I64 = npt.NDArray[np.int64]

FIRST_DAY = "-01"
MONTH_CHARACTERS = len("YYYY-MM")
# Of a large protocol it takes a second to find what passes, so that it is kept for so long:
# entries that are new or withdrawn meanwhile are looked at, claims that are new about older ones,
# and models that are reinstated, are not.
KEPT_S = 60.0
KEPT = 32
NEAR_AMONG = 20_000


@dataclass(frozen=True)
class Filter:
    """What must hold of an entry, all of it; None asks nothing.

    `released_before` is YYYY-MM or YYYY-MM-DD, exclusive: a model without a release date does not
    pass. `family` is the name of a model: it and all that descend from it, as they declare, pass.
    """

    evidence: Evidence | None = None
    released_before: str | None = None
    licence: str | None = None
    family: str | None = None

    def __post_init__(self) -> None:
        """Raise InputError `bad_date`."""
        if self.released_before is not None and not is_date(self.released_before):
            raise InputError("bad_date", "Write released_before as YYYY-MM or YYYY-MM-DD.")

    @property
    def is_empty(self) -> bool:
        """Whether all entries pass."""
        return self == Filter()


@dataclass(frozen=True)
class _Kept:
    at: float
    seen: int
    word: bytes
    among: Among


_kept: WeakKeyDictionary[object, OrderedDict[tuple[str, Filter], _Kept]] = WeakKeyDictionary()
_keeping = Lock()


def passing_entries(session: Session, protocol: Protocol, only: Filter, view: View) -> Among:
    """The entries of a protocol that pass; NotFoundError `no_such_family` with near names."""
    if view.size <= FLAT_MOST:
        return Among(_numbers(session, protocol, only, 0))
    database, key = session.get_bind(), (protocol.digest, only)
    with _keeping:
        kept = _kept.setdefault(database, OrderedDict()).get(key)
    now, word = time.monotonic(), view.withdrawn.word
    if kept is None or now - kept.at > KEPT_S:
        kept = _Kept(now, view.seen, word, Among(_numbers(session, protocol, only, 0)))
    elif kept.seen < view.seen or kept.word != word:
        seqs = kept.among.seqs
        if kept.seen < view.seen:
            seqs = np.union1d(seqs, _numbers(session, protocol, only, kept.seen))
        seqs = np.setdiff1d(seqs, view.withdrawn.seqs, assume_unique=True)
        among = kept.among if len(seqs) == len(kept.among) else Among(seqs)
        kept = _Kept(kept.at, view.seen, word, among)
    with _keeping:
        mine = _kept[database]
        mine[key] = kept
        mine.move_to_end(key)
        while len(mine) > KEPT:
            mine.popitem(last=False)
    return kept.among


def _numbers(session: Session, protocol: Protocol, only: Filter, after: int) -> I64:
    digest, found = protocol.digest, []
    if only.evidence is not None:
        found.append(passing.of_level(session, digest, only.evidence, after))
    if only.licence is not None:
        found.append(passing.of_licence(session, digest, only.licence, after))
    if only.released_before is not None:
        day = only.released_before
        day = day + FIRST_DAY if len(day) == MONTH_CHARACTERS else day
        found.append(passing.of_release(session, digest, day, after))
    if only.family is not None:
        names = _family(passing.declared_bases(session), short_name(only.family))
        members = passing.of_names(session, digest, names, after)
        if not len(members) and not after:
            raise _no_such_family(session, only.family)
        found.append(members)
    return reduce(lambda a, b: np.intersect1d(a, b, assume_unique=True), found)


def _family(bases: Mapping[str, Iterable[str]], founder: str) -> set[str]:
    """A name and all names that descend from it, by what each is said to be based on."""
    children: dict[str, list[str]] = {}
    for name, said in bases.items():
        for base in said:
            children.setdefault(short_name(base), []).append(name)
    family, waiting = {founder}, [founder]
    while waiting:
        for name in children.get(waiting.pop(), ()):
            if name not in family:
                family.add(name)
                waiting.append(name)
    return family


def _no_such_family(session: Session, name: str) -> NotFoundError:
    said = passing.declared_bases(session).values()
    founders = islice((short_name(base) for bases in said for base in bases), NEAR_AMONG)
    near = near_names(short_name(name), set(founders))
    return NotFoundError("no_such_family", f"No entry descends from {name!r}, nor is it one.", near)
