"""The only import of celery in the web process: how many messages wait, and sending one more.

A message carries the id of a job and nothing else. It goes to the task by its name: the code of
the task is the workers' own.
"""

import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

from celery import Celery
from celery.app.amqp import AMQP
from kombu import Connection, Exchange, Queue
from kombu.exceptions import KombuError

from app.broker import url
from app.broker.queues import QUEUES
from app.errors import SetupError

TASK = "genebank.look"
# Names in the broker, which may serve others too.
PREFIX = "genebank."
CONNECT_TIMEOUT_S = 5.0
# Longer than any wait for a message (kombu asks Redis for a second at a time).
ANSWER_TIMEOUT_S = 15.0


class _Connection(Connection):  # type: ignore[misc]
    """Tries again soon: a job must not wait half a minute because a broker was restarted."""

    def ensure_connection(self, *args: Any, **kwargs: Any) -> Connection:
        """Connect; waits for 0.2 seconds, then longer, at most 2."""
        pauses = {"interval_start": 0.2, "interval_step": 0.4, "interval_max": 2.0}
        return super().ensure_connection(*args, **(pauses | kwargs))


class _Amqp(AMQP):  # type: ignore[misc]
    Connection = _Connection


def celery_app(broker_url: str) -> Celery:
    """A Celery that keeps no results, sends no events, and takes JSON only; checks the URL."""
    scheme = url.check(broker_url)
    made = Celery("genebank", broker=broker_url, amqp=_Amqp, set_as_current=False, fixups=[])
    made.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_acks_late=True,
        task_queues=[queue_named(name) for name in QUEUES],
        task_create_missing_queues=False,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=CONNECT_TIMEOUT_S,
    )
    if scheme in url.REDIS:
        made.conf.broker_transport_options = {
            "socket_connect_timeout": CONNECT_TIMEOUT_S,
            "socket_timeout": ANSWER_TIMEOUT_S,
        }
    if scheme in url.TLS:
        made.conf.broker_use_ssl = _tls(scheme, urlsplit(broker_url).hostname)
    return made


def queue_named(name: str) -> Queue:
    """The broker's queue for one of ours."""
    full = full_name(name)
    return Queue(full, Exchange(full, type="direct"), routing_key=full)


def full_name(queue: str) -> str:
    """The broker's name of one of our queues."""
    return PREFIX + queue


def our_name(routing_key: str) -> str:
    """Our name of a queue of the broker."""
    return routing_key.removeprefix(PREFIX)


class Broker:
    """One connection, opened when it is needed and anew when it was lost; for one thread."""

    def __init__(self, broker_url: str) -> None:
        """Connect to nothing yet; SetupError `bad_broker_url` or `open_redis`."""
        self._celery = celery_app(broker_url)
        self._password = unquote(urlsplit(broker_url).password or "")
        self._open: Connection | None = None

    def waiting(self, queue: str) -> int:
        """Number of messages of a queue that no worker has taken; `broker_unavailable`."""
        with self._connected() as connection, connection.channel() as channel:
            bound = queue_named(queue)(channel)
            bound.declare()
            _, waiting, _ = bound.queue_declare()
            return int(waiting)

    def ring(self, queue: str, job_ids: Sequence[str]) -> None:
        """Send a message for each job; SetupError `broker_unavailable`."""
        full = full_name(queue)
        with self._connected() as connection, connection.Producer() as producer:
            for job_id in job_ids:
                self._celery.send_task(
                    TASK, args=[job_id], queue=full, producer=producer, retry=False
                )

    def close(self) -> None:
        """Close the connection, if there is one."""
        connection, self._open = self._open, None
        if connection is not None:
            connection.release()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            if self._open is None:
                self._open = self._celery.connection_for_write()
                self._open.ensure_connection(max_retries=1)
            yield self._open
        except (KombuError, OSError, *self._errors()) as error:
            said = str(error).replace(self._password, "***") if self._password else str(error)
            self._forget()
            raise SetupError(
                "broker_unavailable", f"The broker does not answer ({said}): see that it runs."
            ) from error

    def _errors(self) -> tuple[type[Exception], ...]:
        if self._open is None:
            return ()
        return (*self._open.connection_errors, *self._open.channel_errors)

    def _forget(self) -> None:
        """Leave a connection that is broken, which cannot be closed in an orderly way."""
        connection, self._open = self._open, None
        if connection is not None:
            connection.collect(socket_timeout=0.5)


def _tls(scheme: str, host: str | None) -> dict[str, object]:
    """Certificates are checked: left to itself kombu would take any."""
    if scheme == "rediss":
        return {"ssl_cert_reqs": ssl.CERT_REQUIRED}
    return {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": host}
