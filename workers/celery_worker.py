"""A worker process that a broker rings: Celery listens, threads do what the bell is for.

A message makes one thread claim the due job of that queue that has waited longest, and see it
through; it is acknowledged when the job has ended. Nothing is kept in Celery: no results, no
events, no retries, no schedule.
"""

import threading
import warnings
from typing import Any

import structlog
from celery import Celery, Task, signals

from app.broker.connection import TASK, celery_app, full_name, our_name
from app.errors import GenebankError
from app.queue import WorkerConfig
from app.store.database import Database
from workers.celery_logs import forward
from workers.celery_request import Rung
from workers.shift import Shift

log = structlog.get_logger(__name__)

LOOK_UP_S = 1.0


def run(database: Database, config: WorkerConfig) -> None:
    """Work until SIGTERM or SIGINT; then jobs have `config.grace_s` seconds to end.

    Raises SetupError `bad_broker_url` or `open_redis`.
    """
    celery = celery_app(config.broker_url)
    shift = Shift(database, config, "broker")
    _answer(celery, shift)

    def end(**_: Any) -> None:
        # Called where a signal interrupted the main thread: a thread of its own may take locks.
        threading.Thread(target=_wind_up, args=(shift, config.grace_s), daemon=True).start()

    signals.worker_shutting_down.connect(end)
    try:
        shift.look_after()
        _listen(celery, config)
    finally:
        shift.wind_up(config.grace_s)
        signals.worker_shutting_down.disconnect(end)
        shift.close()
    log.info("worker ended")


def _answer(celery: Celery, shift: Shift) -> None:
    """What a message makes a thread do; it never raises, since nobody would hear."""

    @celery.task(name=TASK, bind=True, Request=Rung)  # type: ignore[untyped-decorator]
    def look(self: Task, job_id: str) -> None:
        queue = our_name(self.request.delivery_info["routing_key"])
        try:
            job = shift.claim(queue)
            if job is None:
                log.debug("nothing is due", rung_for=job_id, queue=queue)
            else:
                shift.see_through(job)
        except GenebankError as error:
            log.warning("nothing was claimed", code=error.code, detail=error.detail)
        except Exception:
            log.exception("nothing was claimed")


def _listen(celery: Celery, config: WorkerConfig) -> None:
    forward()
    # Celery says that root should not work. It runs no code that came by a message.
    warnings.filterwarnings("ignore", module=r"celery\.platforms")
    worker = celery.Worker(
        pool="threads",
        concurrency=config.slots,
        queues=[full_name(queue) for queue in config.queues],
        task_events=False,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    )
    signals.worker_ready.connect(_look_up)
    log.info("worker listens", queues=config.queues, slots=config.slots)
    worker.start()


def _look_up(sender: Any, **_: Any) -> None:
    """Have Celery's loop look up every second: it sleeps through signals for up to ten."""
    sender.hub.call_repeatedly(LOOK_UP_S, lambda: None)


def _wind_up(shift: Shift, grace_s: float) -> None:
    log.info("worker drains", grace_s=grace_s)
    shift.wind_up(grace_s)
