"""The composition root of the web process: settings in, a served app out."""

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from functools import partial

import structlog
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from app import telemetry
from app.api.cursors import Cursors
from app.api.dependencies import Runtime
from app.api.limiting import Limiter
from app.api.routes import build
from app.broker.queues import SizeClasses
from app.broker.url import REDIS
from app.loopback import is_loopback
from app.queue import WorkerConfig, start
from app.search.candidates import PATIENCE_S, Candidates
from app.search.engine import device
from app.search.snapshots import Shelf
from app.services.model_refs import Sources, open_hub
from app.services.trees.trees import Trees
from app.settings import Settings
from app.store import installation, schema
from app.store.database import Database, Limits

log = structlog.get_logger(__name__)

# One question of the command line waits for the index as long as it takes to build it.
PATIENCE_OF_ONE_S = 1800.0
# Requests of one client where others reach the service and nothing else is said.
USUAL_LIMIT = "600/minute"


def create_app(settings: Settings | None = None, *, for_one: bool = False) -> FastAPI:
    """The app over the registry that the settings name (the environment's, if None).

    `for_one` says that it is asked by this process alone, not served: then no index is made
    before it is needed.

    SQLite is brought to the newest schema; PostgreSQL must have it. Raises SetupError.
    The embedded worker, if wanted, or the bell of the broker lives from startup to shutdown.
    """
    settings = settings or Settings()
    telemetry.hide(settings.secrets)
    # A copy on a GPU is not worth one question.
    searched_on = device.choose("cpu" if for_one else settings.index_device)
    runtime = _runtime(settings, PATIENCE_OF_ONE_S if for_one else PATIENCE_S)
    runtime.limiter = None if for_one else _limiter(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        config = worker_config(settings)
        runtime.worker = await run_in_threadpool(
            partial(start, runtime.database, config, embedded=settings.embedded_worker)
        )
        if not for_one:
            if searched_on == "gpu":
                log.info("large indexes are searched on a GPU")
            runtime.candidates.warm(runtime.database)
        try:
            yield
        finally:
            await run_in_threadpool(runtime.worker.stop)
            await run_in_threadpool(runtime.candidates.close)
            if runtime.limiter is not None:
                await runtime.limiter.close()
            runtime.state.close()
            runtime.database.close()

    app = build(lifespan=lifespan)
    app.state.runtime = runtime
    return app


def _runtime(settings: Settings, index_patience_s: float) -> Runtime:
    limits = Limits(settings.database_pool, settings.statement_timeout_s, settings.lock_timeout_s)
    database = Database(settings.resolved_database_url, limits)
    with ExitStack() as undo:
        undo.callback(database.close)
        if database.is_sqlite:
            schema.upgrade(database)
        else:
            schema.check(database)
        cursors = Cursors(installation.secret(database, "cursor"))
        shelf = Shelf(settings.data_dir / "index", installation.secret(database, "index"))
        undo.pop_all()
    sizes = SizeClasses(settings.gpu_weight_bytes, settings.large_weight_bytes)
    sources = Sources(database, open_hub(worker_config(settings)), settings.local_roots, sizes)
    candidates = Candidates(shelf, index_patience_s)
    trees = Trees(candidates, settings.tree_at_once)
    return Runtime(
        database,
        candidates,
        trees,
        cursors,
        sources,
        max_import_bytes=settings.max_import_bytes,
    )


def _limiter(settings: Settings) -> Limiter | None:
    """What counts the requests of clients; on a loopback address none does unless it is asked."""
    limit = settings.rate_limit or ("off" if is_loopback(settings.host) else USUAL_LIMIT)
    if limit == "off":
        return None
    broker = settings.broker_url.get_secret_value()
    return Limiter(limit, broker if broker.startswith(REDIS) else "")


def worker_config(settings: Settings) -> WorkerConfig:
    """What the settings allow a worker."""
    return WorkerConfig(
        data_dir=settings.data_dir,
        slots=settings.slots,
        threads=settings.threads,
        lease_s=settings.lease_s,
        job_timeout_s=settings.job_timeout_s,
        job_memory_mb=settings.job_memory_mb,
        max_weight_bytes=settings.max_weight_bytes,
        tree_at_once=settings.tree_at_once,
        unconfined=settings.unconfined,
        local_roots=settings.local_roots,
        encoders_dir=settings.resolved_encoders_dir,
        hub_url=settings.hub_url,
        hub_token=settings.hub_token.get_secret_value(),
        secret_key=settings.secret_key.get_secret_value(),
        broker_url=settings.broker_url.get_secret_value(),
        queues=settings.queues,
        grace_s=settings.grace_s,
        gpus=settings.gpus,
    )
