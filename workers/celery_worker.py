"""A worker process that a broker rings: Celery listens, threads do what the bell is for.

A message makes one thread claim the due job of that queue that has waited longest, and see it
through; it is acknowledged when the job has ended. Nothing is kept in Celery: no results, no
events, no retries, no schedule.
"""

import threading
import warnings
from typing import Any

import structlog
from celery import Celery, Task
from celery.apps.worker import Worker
from celery.platforms import EX_OK
from celery.worker import state

from app.broker.connection import TASK, celery_app, full_name, our_name
from app.errors import GenebankError
from app.queue import WorkerConfig
from app.signals import asked_to_end
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
    with asked_to_end() as asked:
        ending = threading.Thread(target=_end, args=(asked, shift, config.grace_s), name="ending")
        ending.start()
        try:
            shift.look_after()
            _listen(celery, config)
        finally:
            asked.set()
            ending.join()
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
    worker = Listener(
        app=celery,
        pool="threads",
        concurrency=config.slots,
        queues=[full_name(queue) for queue in config.queues],
        task_events=False,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    )
    log.info("worker listens", queues=config.queues, slots=config.slots)
    worker.start()


class Listener(Worker):  # type: ignore[misc]
    """Celery's worker, which leaves signals to us."""

    def install_platform_tweaks(self, worker: Worker) -> None:
        """Install no handlers: Celery's print to standard output, and SIGHUP starts it anew."""

    def on_consumer_ready(self, consumer: Any) -> None:
        """Have Celery's loop look up every second: it sleeps for up to ten, whatever happens."""
        super().on_consumer_ready(consumer)
        consumer.hub.call_repeatedly(LOOK_UP_S, lambda: None)


def _end(asked: threading.Event, shift: Shift, grace_s: float) -> None:
    """Wait until somebody asks, then end Celery's loop and the shift."""
    asked.wait()
    log.info("worker drains", grace_s=grace_s)
    state.should_stop = EX_OK
    shift.wind_up(grace_s)
