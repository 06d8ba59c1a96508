"""Where workers and the reconciler answer scrapes of their own metrics, if they are asked to."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated

import structlog
import typer

from app.errors import SetupError

if TYPE_CHECKING:
    from app.settings import Settings

log = structlog.get_logger(__name__)

MetricsPort = Annotated[
    int | None,
    typer.Option(
        "--metrics-port",
        min=0,
        max=65535,
        help="Answer scrapes of this process's metrics on this port; 0: any.",
        show_default=False,
    ),
]


@contextmanager
def scraped(settings: "Settings") -> Iterator[None]:
    """Answer scrapes while the block runs; SetupError `cannot_listen`."""
    if settings.metrics_port is None:
        yield
        return
    from app import measures
    from app.cli.addresses import http_url

    host, port = settings.metrics_host, settings.metrics_port
    with ExitStack() as stack:
        try:
            found = stack.enter_context(measures.serving(host, port))
        except OSError as error:
            raise SetupError(
                "cannot_listen",
                f"Metrics cannot be served on {host}, port {port} ({error.strerror}): choose "
                "another with --metrics-port, or end the program that has it.",
            ) from error
        log.info("metrics are served", url=f"{http_url(host, found)}/metrics")
        yield
