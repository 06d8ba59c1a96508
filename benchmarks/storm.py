"""A storm of POSTs: many clients hand in few models, over kept connections, as fast as they can."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Storm:
    """How often each status was answered, the jobs that answers named, and how long they took."""

    statuses: Counter[int]
    jobs: frozenset[str]
    ms: list[float]
    wall_s: float


def storm(url: str, refs: Sequence[str], clients: int) -> Storm:
    """POST a model for each of `refs`, in their order, over so many connections at once."""
    return asyncio.run(_storm(url, refs, clients))


async def _storm(url: str, refs: Sequence[str], clients: int) -> Storm:
    waiting, answers = iter(refs), list[tuple[int, str, float]]()
    began = time.perf_counter()
    await asyncio.gather(*(_client(url, waiting, answers) for _ in range(clients)))
    wall = time.perf_counter() - began
    return Storm(
        Counter(status for status, _, _ in answers),
        frozenset(job for _, job, _ in answers if job),
        [ms for _, _, ms in answers],
        wall,
    )


async def _client(url: str, waiting: Iterator[str], answers: list[tuple[int, str, float]]) -> None:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        for ref in waiting:
            began = time.perf_counter()
            body = json.dumps({"model": ref}).encode()
            head = (
                f"POST /v1/models HTTP/1.1\r\nHost: {parts.netloc}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            writer.write(head.encode() + body)
            status, answer = await _answer(reader)
            job = json.loads(answer)["job"]["id"] if status in (200, 202) else ""
            answers.append((status, job, (time.perf_counter() - began) * 1000))
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Status and body; every answer of ours says how long it is."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    return int(head[0].split()[1]), await reader.readexactly(int(headers["content-length"]))
