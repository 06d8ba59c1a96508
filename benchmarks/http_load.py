"""A leaf: many GET requests over a few kept connections, and how long each took.

Plain sockets: a client library takes longer than the service.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.errors import SetupError


@dataclass(frozen=True)
class Load:
    """Milliseconds that each answered request took, and seconds for all."""

    ms: list[float]
    wall_s: float

    @property
    def rps(self) -> float:
        """Requests a second."""
        return len(self.ms) / self.wall_s

    def quantile(self, share: float) -> float:
        """The milliseconds within which this share was answered."""
        ordered = sorted(self.ms)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def load(
    urls: Sequence[str], paths: Sequence[str], connections: int, tag: str = "", status: int = 200
) -> Load:
    """GET all paths, over so many connections at once, which the processes of a service share.

    `tag` is an If-None-Match. Raises SetupError `bad_answer` on any other status.
    """
    return asyncio.run(_load(urls, paths, connections, (tag, status)))


async def _load(
    urls: Sequence[str], paths: Sequence[str], connections: int, expected: tuple[str, int]
) -> Load:
    waiting, ms = iter(paths), list[float]()
    began = time.perf_counter()
    shared = [urls[number % len(urls)] for number in range(connections)]
    await asyncio.gather(*(_connection(url, waiting, expected, ms) for url in shared))
    return Load(ms, time.perf_counter() - began)


async def _connection(
    url: str, waiting: Iterator[str], expected: tuple[str, int], ms: list[float]
) -> None:
    parts, (tag, status) = urlsplit(url), expected
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    known = f"If-None-Match: {tag}\r\n" if tag else ""
    try:
        for path in waiting:
            began = time.perf_counter()
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n{known}\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            length = _header(head, b"content-length")
            if length:
                await reader.readexactly(int(length))
            if int(head.split(b" ", 2)[1]) != status:
                raise SetupError("bad_answer", f"{path} was answered {head[:60]!r}.")
            ms.append((time.perf_counter() - began) * 1000)
    finally:
        writer.close()
        await writer.wait_closed()


def _header(head: bytes, name: bytes) -> bytes:
    for line in head.split(b"\r\n"):
        key, _, value = line.partition(b":")
        if key.lower() == name:
            return value.strip()
    return b""
