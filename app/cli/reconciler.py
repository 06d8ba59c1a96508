"""`genebank reconciler`: takes back what lost workers held, and rings for whatever is due."""

import threading
from typing import TYPE_CHECKING

import structlog

from app.cli.console import say
from app.cli.scraping import MetricsPort, scraped
from app.errors import GenebankError

if TYPE_CHECKING:
    from app.broker.connection import Broker
    from app.store.database import Database

log = structlog.get_logger(__name__)

# What a broker loses is found after this long.
EVERY_S = 1.0


def reconciler(metrics_port: MetricsPort = None) -> None:
    """Take back the jobs of lost workers and ring for those that are due, until SIGTERM.

    One is needed where there is a broker; several do no harm. --metrics-port replaces
    GENEBANK_METRICS_PORT.

    Example:
      GENEBANK_BROKER_URL=redis://127.0.0.1:6379/0 genebank reconciler
    """
    from app import telemetry
    from app.cli.configured import load_settings, open_database
    from app.queue import open_broker
    from app.signals import asked_to_end
    from app.store import schema

    settings = load_settings(metrics_port=metrics_port)
    telemetry.configure(settings.log_level)
    broker = open_broker(settings.broker_url.get_secret_value())
    with open_database(settings) as database, scraped(settings), asked_to_end() as asked:
        schema.check(database)
        say("Genebank reconciles; Ctrl-C ends it.")
        reconcile(database, broker, asked)


def reconcile(database: "Database", broker: "Broker", asked: threading.Event) -> None:
    """Look again and again, until somebody asks to end it."""
    from app.broker.bells import ring_due
    from app.services.reconciling import take_back

    while not asked.is_set():
        try:
            take_back(database)
            rung = ring_due(database, broker)
            if rung:
                log.info("rung again", messages=rung)
        except GenebankError as error:
            log.warning("could not reconcile", code=error.code, detail=error.detail)
        except Exception:
            log.exception("could not reconcile")
        asked.wait(EVERY_S)
    broker.close()
