"""A leaf: structured logs on standard error, as text for people or JSON for machines."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog


def configure(level: str) -> None:
    """Log from `level` on; JSON lines unless standard error is a terminal."""
    renderer: Any = structlog.processors.JSONRenderer()
    if sys.stderr.isatty():
        renderer = structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _escape,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _escape(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Names come from outside: none may break a line or drive a terminal."""
    return {
        key: _harmless(value, lines=key == "exception") if isinstance(value, str) else value
        for key, value in event.items()
    }


def _harmless(text: str, *, lines: bool) -> str:
    """The text with its unprintable characters escaped, but for a traceback's own line ends."""
    if lines:
        return "\n".join(_harmless(line, lines=False) for line in text.split("\n"))
    return text if text.isprintable() else text.encode("unicode_escape").decode()
