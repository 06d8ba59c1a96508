"""Candidates for relatives: an index over centred DNA, kept as a cache of the database.

Per protocol there are immutable indexes, swapped as one value, so that readers never lock: a main
one, which is built in the background where it is large, and flat ones beside it with what came
later, each at least twice as large as the next. New entries are found by the numbers that they
get in commit order without gaps: nothing that is committed can be passed over.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import structlog

from app.dna.projection import dna_size
from app.dna.protocol import Protocol
from app.dna.scores import unit_rows
from app.errors import SetupError
from app.search import building
from app.search.among import Among, Withdrawn
from app.search.building import Main
from app.search.engine.flat import FlatIndex
from app.search.engine.part import F32, I64
from app.search.policy import FLAT_MOST
from app.search.snapshots import Shelf
from app.search.view import View
from app.store import protocols, references, withdrawals
from app.store.database import Database, Session, beside
from app.store.dna_blocks import Head, count_between, dna_blocks, head

log = structlog.get_logger(__name__)

# How long a request waits for the first index of a large protocol; then 503 says when to ask.
PATIENCE_S = 30.0
# After a build that failed, and at the end of the process.
PAUSE_S = 30.0
GOODBYE_S = 15.0


@dataclass(eq=False)
class _Build:
    """A main index that is being made, and up to where its protocol was known to reach."""

    newest: int
    done: threading.Event = field(default_factory=threading.Event)


class Candidates:
    """The indexes of all protocols in this process, each made when it is first asked.

    Small ones (policy.FLAT_MOST) are made in the request that asks. Of larger ones requests see
    the old index until the new one is there; where there is none yet, they wait a little.
    """

    def __init__(self, shelf: Shelf | None = None, patience_s: float = PATIENCE_S) -> None:
        """Keep large indexes on `shelf` for the next start, if there is one."""
        self._shelf, self._patience_s = shelf, patience_s
        self._views: dict[str, View] = {}
        self._changes = 0
        self._builds: dict[str, _Build] = {}
        self._paused: dict[str, float] = {}
        self._changing = threading.Lock()
        self._one_builder = threading.Lock()
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []

    def nearest(
        self, session: Session, protocol: Protocol, dna: F32, k: int, among: Among | None = None
    ) -> I64:
        """Numbers of the up to `k` entries whose centred DNA is nearest to `dna`, best first.

        Only of those `among`, if given. It sees all that the session sees, but where a new main
        index is being built over much that is new (see `is_behind`). Raises SetupError
        `index_building` where there is no index yet.
        """
        return self.current(session, protocol).nearest(dna, k, among)

    def current(self, session: Session, protocol: Protocol) -> View:
        """What a search sees now, for several of them; raises what `nearest` does.

        With all that the session can see; one thread at a time brings it up.
        """
        now = head(session, protocol.digest)
        view = self._views.get(protocol.digest)
        if (
            view is not None
            and view.seen >= now.last
            and (view.version >= now.version or protocol.digest in self._builds)
            and view.withdrawn.word == now.withdrawals
        ):
            return view
        with self._changing:
            view = self._brought_up(session, protocol, now)
        return view or self._awaited(session, protocol)

    def warm(self, database: Database) -> None:
        """Begin to make all indexes, in the background: at the start of a server."""
        self._begin(partial(self._warm, database))

    def close(self) -> None:
        """Begin no more, and wait a little for what was begun."""
        self._closing.set()
        until = time.monotonic() + GOODBYE_S
        while (alive := self._alive()) and time.monotonic() < until:
            alive[0].join(until - time.monotonic())

    def sizes(self) -> dict[str, int]:
        """Number of entries in each index, by protocol digest."""
        return {digest: view.held for digest, view in self._views.copy().items()}

    def memory(self) -> dict[str, int]:
        """Bytes that each index holds, by protocol digest."""
        return {digest: view.nbytes for digest, view in self._views.copy().items()}

    def seen(self) -> dict[str, int]:
        """The highest number of an entry that each index has seen, by protocol digest."""
        return {digest: view.seen for digest, view in self._views.copy().items()}

    def is_behind(self, seq: int) -> bool:
        """Whether an index that is being built has not seen the entry of a number yet."""
        for digest, build in self._builds.copy().items():
            view = self._views.get(digest)
            seen = 0 if view is None else view.seen
            if seen < min(seq, build.newest):
                return True
        return False

    @property
    def changes(self) -> int:
        """How often an index was swapped for another: an answer may be another one after it."""
        return self._changes

    def _brought_up(self, session: Session, protocol: Protocol, now: Head) -> View | None:
        """The newest view that can be had at once; None while the first one is built."""
        digest, last = protocol.digest, now.last
        view = self._views.get(digest) or self._loaded(session, protocol)
        if view is None or view.version < now.version:
            if self._is_large(session, digest, view, last):
                self._build(session, protocol, last)
            else:
                centre = building.centre_of(protocol, references.latest(session, protocol))
                view = View(now.version, centre)
        if view is None:
            return None
        if self._is_near(session, digest, view, last):
            view = self._extended(session, protocol, view, last)
        if view.seen < last or view.tail_size > view.most_tail:
            self._build(session, protocol, last)
        if view.withdrawn.word != now.withdrawals:
            # Read after the word: at worst they are newer, and are read again.
            gone = Withdrawn(withdrawals.numbers(session, digest), now.withdrawals)
            view = replace(view, withdrawn=gone)
        self._put(digest, view)
        return view

    def _is_large(self, session: Session, digest: str, view: View | None, last: int) -> bool:
        """Whether an index of all is too much to make while a request waits."""
        if digest in self._builds or (view is not None and view.held > FLAT_MOST):
            return True
        return count_between(session, digest, 0, last) > FLAT_MOST

    def _is_near(self, session: Session, digest: str, view: View, last: int) -> bool:
        """Whether what is new is little enough to be read while a request waits."""
        if last - view.seen <= view.most_tail:  # other protocols' entries among them
            return True
        if digest in self._builds:
            return False
        return count_between(session, digest, view.seen, last) <= view.most_tail

    def _put(self, digest: str, view: View) -> None:
        if self._views.get(digest) is not view:
            self._views[digest] = view
            self._changes += 1

    def _extended(self, session: Session, protocol: Protocol, view: View, last: int) -> View:
        size = dna_size(protocol)
        for seqs, dna in dna_blocks(session, protocol.digest, size, view.seen, last):
            view = view.extended(FlatIndex(seqs, unit_rows(dna - view.centre)))
        return view

    def _loaded(self, session: Session, protocol: Protocol) -> View | None:
        main = None if self._shelf is None else building.load(self._shelf, session, protocol)
        return None if main is None else _of(main)

    def _awaited(self, session: Session, protocol: Protocol) -> View:
        """The first view of a protocol, when it is there in time."""
        build = self._builds.get(protocol.digest)
        session.rollback()  # no transaction is open while we wait
        if build is not None:
            build.done.wait(self._patience_s)
        if protocol.digest not in self._views:
            raise SetupError(
                "index_building", f"The index of {protocol.name} is being built: try again soon."
            )
        return self.current(session, protocol)

    def _build(self, session: Session, protocol: Protocol, last: int) -> None:
        """Begin to build a main index, unless that was begun; the lock is held."""
        digest = protocol.digest
        if digest in self._builds:
            self._builds[digest].newest = last
        elif not self._closing.is_set() and time.monotonic() > self._paused.get(digest, 0):
            self._builds[digest] = build = _Build(last)
            self._begin(partial(self._built, beside(session), protocol, build))

    def _built(self, sessions: building.Sessions, protocol: Protocol, build: _Build) -> None:
        began = time.monotonic()
        try:
            with self._one_builder:
                main = building.build(sessions, protocol, self._closing.is_set)
            with self._changing:
                self._put(protocol.digest, _of(main))
                del self._builds[protocol.digest]
            build.done.set()
            log.info("index built", entries=len(main.part), s=round(time.monotonic() - began, 1))
            if self._shelf is not None:
                with sessions() as session:
                    building.save(self._shelf, session, protocol, main)
        except building.Closing:
            pass
        except Exception:
            self._paused[protocol.digest] = time.monotonic() + PAUSE_S
            log.exception("index build failed", protocol=protocol.name)
        finally:
            with self._changing:
                if self._builds.get(protocol.digest) is build:
                    del self._builds[protocol.digest]
            build.done.set()

    def _warm(self, database: Database) -> None:
        try:
            with database.read() as session:
                known = protocols.every(session)
            for protocol in known:
                with database.read() as session, self._changing:
                    self._brought_up(session, protocol, head(session, protocol.digest))
                if self._closing.is_set():
                    break
        except Exception:
            log.exception("indexes not ready at the start")

    def _begin(self, work: Callable[[], None]) -> None:
        # A daemon: training cannot be interrupted, and must not keep a process that is to end.
        thread = threading.Thread(target=work, name="index", daemon=True)
        thread.start()
        self._threads = [*self._alive(), thread]

    def _alive(self) -> list[threading.Thread]:
        return [thread for thread in self._threads if thread.is_alive()]


def _of(main: Main) -> View:
    return View(main.version, main.centre, main.part, (), main.last_seq)
