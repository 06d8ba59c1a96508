"""How a message is acknowledged, so that a worker never goes deaf.

Celery takes a connection error of an acknowledgement for granted and goes on. With Redis as the
broker the message then counts as not acknowledged for ever; when as many do as a worker may hold,
it asks for no more, and since it asks for nothing it never learns that its connection is gone
(celery 5.7.0, kombu 5.7.0: the eleventh kill of a Redis under load made a worker deaf for good).
Here such an error ends the connection, and Celery opens a new one.
"""

from typing import Any

from celery.utils.log import get_logger
from celery.worker.request import Request

log = get_logger(__name__)


class Rung(Request):  # type: ignore[misc]
    """A message that was taken."""

    acknowledged: bool

    def acknowledge(self) -> None:
        """Have it acknowledged by Celery's loop, which fails when that fails."""
        if not self.acknowledged:
            # Of a connection that is gone already nobody waits for an answer.
            tolerated = (Exception,) if _is_gone(self.message.channel) else ()
            self.on_ack(log, tolerated)
            self.acknowledged = True


def _is_gone(channel: Any) -> bool:
    """Whether a channel was closed; it says so otherwise for Redis than for RabbitMQ."""
    return channel is None or channel.connection is None or getattr(channel, "closed", False)
