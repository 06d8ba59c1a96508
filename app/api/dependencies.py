"""What endpoints are handed: the process's shared parts, and one transaction a request."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from starlette.concurrency import run_in_threadpool

from app.api.awaiting import MinSeq, await_entry
from app.api.cursors import Cursors
from app.api.limiting import Limiter
from app.api.texts import PlainText
from app.queue import Elsewhere, Worker
from app.search.candidates import Candidates
from app.services.measuring import Census
from app.services.model_refs import Sources
from app.services.trees.trees import Trees
from app.store.database import Database, Session
from app.store.state import State


@dataclass
class Runtime:
    """What all requests share; made by app/main.py, which also starts the worker."""

    database: Database
    candidates: Candidates
    trees: Trees
    cursors: Cursors
    sources: Sources
    worker: Worker = field(default_factory=Elsewhere)
    max_import_bytes: int = 512 << 20
    state: State = field(init=False)

    def __post_init__(self) -> None:
        self.state = State(self.database)

    census: Census = field(default_factory=Census)
    limiter: Limiter | None = None


async def _runtime(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


Running = Annotated[Runtime, Depends(_runtime)]


async def _reading(runtime: Running, min_seq: MinSeq = None) -> AsyncIterator[Session]:
    """Asks nothing of the database itself, so it needs no thread: the endpoint has one."""
    if min_seq is not None:
        await run_in_threadpool(await_entry, runtime.database, runtime.candidates, min_seq)
    with runtime.database.glance() as session:
        yield session


def _writing(runtime: Running) -> Iterator[Session]:
    with runtime.database.write() as session:
        yield session


# "function": the transaction ends before the answer goes out, so what was answered is committed.
Reading = Annotated[Session, Depends(_reading, scope="function")]
Writing = Annotated[Session, Depends(_writing, scope="function")]

ModelId = Annotated[PlainText, Path(description="A model's id, mdl_...")]
JobId = Annotated[PlainText, Path(description="A job's id, job_...")]
ModelName = Annotated[
    PlainText, Query(alias="model", description="A model's id, ref or any unambiguous name.")
]
ProtocolName = Annotated[
    PlainText | None, Query(alias="protocol", description="A protocol's name or digest.")
]
