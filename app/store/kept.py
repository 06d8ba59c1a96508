"""What is read once from a database, because what stands there never changes."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy.orm import Session

T = TypeVar("T")

MOST = 256

_kept: WeakKeyDictionary[object, OrderedDict[Hashable, object]] = WeakKeyDictionary()
_keeping = Lock()


def kept(session: Session, key: Hashable, read: Callable[[], T]) -> T:
    """What `read` returned when this database was first asked for it; the last MOST are kept."""
    database = session.get_bind()
    with _keeping:
        mine = _kept.setdefault(database, OrderedDict())
        if key in mine:
            mine.move_to_end(key)
            return cast("T", mine[key])
    found = read()
    with _keeping:
        mine[key] = found
        while len(mine) > MOST:
            mine.popitem(last=False)
    return found
