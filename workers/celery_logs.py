"""What Celery logs, in the form of our own logs."""

import logging

import structlog
from celery import signals

log = structlog.get_logger("celery")

# It tells of every message twice.
CHATTY = ("celery.worker.strategy", "celery.app.trace")


class _Forwarder(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        """Log it as ours."""
        log.log(record.levelno, record.getMessage().strip(), exc_info=record.exc_info or False)


def forward() -> None:
    """Have everything that Celery says logged by us, in this whole process."""
    # Celery sets up logs of its own unless somebody listens to this.
    signals.setup_logging.connect(_leave_alone)
    for name in ("celery", "kombu", "amqp"):
        logger = logging.getLogger(name)
        logger.handlers = [_Forwarder()]
        logger.propagate = False
        logger.setLevel(logging.INFO)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _leave_alone(**_: object) -> None:
    """Set up nothing."""
