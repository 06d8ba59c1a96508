"""A leaf: structured logs on standard error, as text for people or JSON for machines.

What other libraries log goes the same way. No secret is written: neither one that the settings
hold, whatever it looks like, nor anything that looks like one.
"""

import logging
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any

import structlog

HIDDEN = "***"
# Shorter ones would blot out half of every line; and what is as short protects nothing.
SHORTEST_SECRET = 4
# Tokens of the hub, of usual endpoints and our own; passwords in URLs; what stands in a header.
_LOOKS_SECRET = re.compile(
    r"\bhf_[A-Za-z0-9]{16,}|\bgb_[A-Za-z0-9]+_[A-Za-z0-9]{16,}|\bsk-[A-Za-z0-9_-]{16,}"
    r"|(?<=://)[^/\s@]*:[^/\s@]+(?=@)|(?i:(?<=bearer )|(?<=basic ))[A-Za-z0-9._~+/=-]{8,}"
)
_hidden: set[str] = set()


def hide(secrets: Iterable[str]) -> None:
    """Write none of these from now on, in this process."""
    _hidden.update(secret for secret in secrets if len(secret) >= SHORTEST_SECRET)


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
            _without_secrets,
            _escape,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    root = logging.getLogger()
    if not any(isinstance(handler, _Forwarder) for handler in root.handlers):
        root.addHandler(_Forwarder(logging.WARNING))


class _Forwarder(logging.Handler):
    """What libraries log by Python's own module, in the form of our own logs."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log it as ours."""
        structlog.get_logger().log(
            record.levelno,
            record.getMessage(),
            library=record.name,
            exc_info=record.exc_info or False,
        )


def _without_secrets(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    return {key: _clean(value) for key, value in event.items()}


def _clean(value: object) -> object:
    """A value without secrets, down to the leaves; what is neither text nor number becomes text."""
    match value:
        case None | bool() | int() | float():
            return value
        case Mapping():
            return {str(key): _clean(one) for key, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_clean(one) for one in value]
    text = str(value)
    for secret in _hidden:
        text = text.replace(secret, HIDDEN)
    return _LOOKS_SECRET.sub(HIDDEN, text)


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
