"""`genebank serve`: the service in this process, on one address, until it is interrupted."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import say
from app.errors import InputError

if TYPE_CHECKING:
    from app.settings import Settings


def serve(
    host: Annotated[
        str | None, typer.Option("--host", help="Listen on this address.", show_default=False)
    ] = None,
    port: Annotated[
        int | None,
        typer.Option("--port", min=0, max=65535, help="On this port; 0: any.", show_default=False),
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option("--data-dir", help="Folder of the registry.", show_default=False),
    ] = None,
    local_root: Annotated[
        list[Path] | None,
        typer.Option(
            "--local-root",
            help="Folder under which local: models may lie; may be given again.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Serve the registry over HTTP, with a worker in the same process.

    Options replace GENEBANK_HOST, GENEBANK_PORT, GENEBANK_DATA_DIR and GENEBANK_LOCAL_ROOTS.

    Example:
      genebank serve --local-root ~/models
    """
    from app import telemetry
    from app.cli.configured import load_settings
    from app.loopback import is_loopback

    roots = tuple(local_root) if local_root else None
    settings = load_settings(host=host, port=port, data_dir=data_dir, local_roots=roots)
    if not is_loopback(settings.host) and not settings.allow_remote:
        raise InputError(
            "remote_address",
            f"{settings.host} can be reached by others, and there are no API keys yet: "
            "listen on 127.0.0.1, or set GENEBANK_ALLOW_REMOTE=true to open it to them.",
        )
    telemetry.configure(settings.log_level)
    _serve(settings)


def _serve(settings: "Settings") -> None:
    # Requests are many and their matrices small: threads of each that wait for each other by
    # spinning took four fifths of the processors. It counts when numpy is first imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # noqa: TID251  numpy's setting, not ours
    from app.cli.addresses import http_url
    from app.cli.listening import listen, run
    from app.main import create_app

    with listen(settings.host, settings.port) as listener:
        url = http_url(settings.host, listener.getsockname()[1])
        run(create_app(settings), listener, lambda: _announce(url, settings), settings.grace_s)


def _announce(url: str, settings: "Settings") -> None:
    say(f"Genebank listens on {url}")
    say(f"  documentation  {url}/docs")
    say(f"  data           {settings.data_dir}")
    say("Ctrl-C ends it; jobs that run go on when it is started again.")
