"""A worker process without a broker: it looks into the database until it is asked to end."""

import structlog

from app.queue import WorkerConfig
from app.signals import asked_to_end
from app.store.database import Database
from workers.dispatcher import Dispatcher

log = structlog.get_logger(__name__)


def run(database: Database, config: WorkerConfig) -> None:
    """Work until SIGTERM or SIGINT; then jobs have `config.grace_s` seconds to end."""
    with asked_to_end() as asked:
        dispatcher = Dispatcher(database, config)
        log.info("worker looks for jobs", queues=config.queues, slots=config.slots)
        asked.wait()
        log.info("worker drains", grace_s=config.grace_s)
        dispatcher.stop(config.grace_s)
    log.info("worker ended")
