"""Read your write: a caller names an entry, and is answered when it can be seen."""

import time
from threading import BoundedSemaphore
from typing import Annotated

from fastapi import Query

from app.errors import InputError, SetupError
from app.search.candidates import Candidates
from app.store import entries
from app.store.database import Database

# An integer in the database.
MOST = (1 << 31) - 1
PATIENCE_S = 5.0
PAUSE_S = 0.05
# Each holds one of the server's threads.
WAITING = 8

MinSeq = Annotated[
    int | None,
    Query(
        ge=1,
        le=MOST,
        description="Answer when the index has seen the entry of this number (`seq`); 503 "
        f"`not_seen_yet` when that takes longer than {PATIENCE_S:g} seconds.",
    ),
]

_places = BoundedSemaphore(WAITING)


def await_entry(database: Database, candidates: Candidates, seq: int) -> None:
    """Return when an entry can be seen.

    The database says what is committed: of a number that it does not have, InputError
    `no_such_entry`. The index follows it in the request that searches; only one that is being
    built over much that is new lags behind: SetupError `not_seen_yet` when that takes too long.
    """
    with database.read() as session:
        last = entries.last_seq(session)
    if seq > last:
        raise InputError("no_such_entry", f"No entry has the number {seq}: the last is {last}.")
    if not candidates.is_behind(seq):
        return
    if _places.acquire(blocking=False):
        try:
            until = time.monotonic() + PATIENCE_S
            while time.monotonic() < until:
                time.sleep(PAUSE_S)
                if not candidates.is_behind(seq):
                    return
        finally:
            _places.release()
    raise SetupError("not_seen_yet", f"The index has not seen entry {seq} yet: ask again.")
