"""How many requests a client may make: counted in Redis where the broker is one, else in memory.

The only import of `limits`. Counting must never be why a request fails: while Redis is away, each
process counts for itself.
"""

import ipaddress
import math
import time
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import structlog
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import problem

log = structlog.get_logger(__name__)

# Probes of supervisors and monitoring.
FREE = frozenset({"/healthz", "/readyz", "/metrics"})
# Nothing may wait longer for Redis than this, and after a failure none waits for a while.
PATIENCE_S = 0.25
PAUSE_S = 10.0
# Of IPv6 one client has at least this much.
PREFIX_V6 = 64
KEYS = "genebank.limits"


@dataclass(frozen=True)
class Allowance:
    """Whether a request is answered; how many more until the window ends, `reset_s` from now."""

    is_given: bool
    remaining: int
    reset_s: int


class Limiter:
    """Counts requests by client in fixed windows, as the Hub does."""

    def __init__(self, limit: str, redis_url: str = "") -> None:
        """Allow `limit`, such as 600/minute; count in this Redis, if one is named."""
        self._limit: RateLimitItem = parse(limit)
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._shared: FixedWindowRateLimiter | None = None
        self._paused_until = 0.0
        self._pool: Any = None
        if redis_url:
            # Known by name: without a broker nobody needs Redis.
            self._pool = import_module("redis.asyncio").ConnectionPool.from_url(
                redis_url, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S
            )
            storage = RedisStorage(
                f"async+{redis_url}",
                wrap_exceptions=True,
                implementation="redispy",
                key_prefix=KEYS,
                connection_pool=self._pool,
            )
            self._shared = FixedWindowRateLimiter(storage)

    @property
    def policy(self) -> str:
        """The RateLimit-Policy header."""
        return f'"fixed window";"api";q={self._limit.amount};w={self._limit.get_expiry()}'

    async def ask(self, client: str) -> Allowance:
        """Count one request of a client."""
        if self._shared is not None and time.monotonic() >= self._paused_until:
            try:
                return await self._asked(self._shared, client)
            except (StorageError, OSError, TimeoutError) as error:
                self._paused_until = time.monotonic() + PAUSE_S
                log.warning("requests are counted by each process alone", why=str(error))
        return await self._asked(self._own, client)

    async def close(self) -> None:
        """Close connections."""
        if self._pool is not None:
            await self._pool.disconnect()

    async def _asked(self, limiter: FixedWindowRateLimiter, client: str) -> Allowance:
        is_given = await limiter.hit(self._limit, client)
        stats = await limiter.get_window_stats(self._limit, client)
        reset_s = max(1, math.ceil(stats.reset_time - time.time()))
        return Allowance(is_given, max(0, stats.remaining), reset_s)


class RateLimits:
    """A middleware that answers 429 to clients that ask too often, if the runtime has a limiter."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        limiter = _limiter(scope)
        if limiter is None:
            await self._app(scope, receive, send)
            return
        given = await limiter.ask(client_of(scope))
        said = {
            "RateLimit": f'"api";r={given.remaining};t={given.reset_s}',
            "RateLimit-Policy": limiter.policy,
        }
        if given.is_given:
            await self._app(scope, receive, _with(send, said))
            return
        answer = problem(
            Request(scope),
            429,
            "too_many_requests",
            f"That was too much in too little time: go on in {given.reset_s} seconds.",
            headers={"Retry-After": str(given.reset_s), **said},
        )
        await answer(scope, receive, send)


def client_of(scope: Scope) -> str:
    """Who asks: an address, of IPv6 its network. A proxy's word counts where uvicorn trusts it."""
    host = (scope.get("client") or ("",))[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return str(host)
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, PREFIX_V6), strict=False))


def _limiter(scope: Scope) -> Limiter | None:
    if scope["type"] != "http" or scope["path"] in FREE:
        return None
    runtime = getattr(scope["app"].state, "runtime", None)
    return None if runtime is None else runtime.limiter


def _with(send: Send, headers: dict[str, str]) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(headers)
        await send(message)

    return sent
