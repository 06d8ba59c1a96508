"""`genebank worker`: a process that does jobs, rung by the broker or looking by itself."""

from typing import Annotated

import typer

from app.cli.scraping import MetricsPort, scraped


def worker(
    queues: Annotated[
        str | None,
        typer.Option(
            "--queues",
            metavar="LIST",
            help="Serve these queues only: cpu, gpu, large, separated by commas.",
            show_default=False,
        ),
    ] = None,
    concurrency: Annotated[
        int | None,
        typer.Option(
            "--concurrency", min=1, max=64, help="Do so many jobs at once.", show_default=False
        ),
    ] = None,
    metrics_port: MetricsPort = None,
) -> None:
    """Do jobs until SIGTERM; what then runs is finished in GENEBANK_GRACE_S, or given back.

    Options replace GENEBANK_QUEUES, GENEBANK_SLOTS and GENEBANK_METRICS_PORT. With
    GENEBANK_BROKER_URL the broker says when to look for jobs; else the worker looks every second.

    Example:
      genebank worker --queues cpu --concurrency 2
    """
    from app import telemetry
    from app.cli.configured import load_settings, open_database
    from app.main import worker_config
    from app.queue import run_worker
    from app.store import schema

    settings = load_settings(queues=queues, slots=concurrency, metrics_port=metrics_port)
    telemetry.configure(settings.log_level)
    with open_database(settings) as database, scraped(settings):
        schema.check(database)
        run_worker(database, worker_config(settings))
