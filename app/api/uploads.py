"""A body that is too large for memory lies in a file while it is used."""

import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from app.errors import InputError, SetupError

GZIP = b"\x1f\x8b"
GZIP_WINDOW = 31
# What a few bytes may grow to at once.
PIECE = 1 << 20


@asynccontextmanager
async def spooled(request: Request, limit: int) -> AsyncIterator[Path]:
    """The body of a request as a file, decompressed if it is gzip, gone afterwards.

    Raises InputError `request_too_large` as soon as it holds more than `limit` bytes, which may
    be long before its end; `unreadable_body` when it is broken or ends early; SetupError
    `no_space`.
    """
    with NamedTemporaryFile(prefix="genebank-", suffix=".jsonl") as file:
        sink = _Sink(file, limit)
        try:
            async for chunk in request.stream():
                await run_in_threadpool(sink.take, chunk)
        except ClientDisconnect as error:
            raise _broken("it ended early") from error
        await run_in_threadpool(sink.finish)
        yield Path(file.name)


class _Sink:
    """Writes chunks, plain or gzip of any number of members, up to a limit."""

    def __init__(self, file: IO[bytes], limit: int) -> None:
        self._file, self._limit, self._left = file, limit, limit
        self._is_gzip: bool | None = None
        self._head = b""
        self._member = zlib.decompressobj(GZIP_WINDOW)

    def take(self, chunk: bytes) -> None:
        """Write one chunk."""
        if self._is_gzip is None:
            self._head += chunk
            if len(self._head) < len(GZIP):
                return
            chunk, self._is_gzip = self._head, self._head.startswith(GZIP)
        if self._is_gzip:
            self._decompress(chunk)
        else:
            self._write(chunk)

    def finish(self) -> None:
        """Write what waits; the body has ended."""
        if self._is_gzip is None:
            self._write(self._head)
        elif self._is_gzip and not self._member.eof:
            raise _broken("its gzip is cut short")
        try:
            self._file.flush()
        except OSError as error:
            raise _no_space(error) from error

    def _decompress(self, data: bytes) -> None:
        while data:
            if self._member.eof:  # Members follow each other.
                self._member = zlib.decompressobj(GZIP_WINDOW)
            try:
                self._write(self._member.decompress(data, PIECE))
            except zlib.error as error:
                raise _broken("its gzip is broken") from error
            data = self._member.unconsumed_tail or self._member.unused_data

    def _write(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0:
            raise InputError(
                "request_too_large",
                f"An import holds at most {self._limit:,} bytes (GENEBANK_MAX_IMPORT_BYTES): "
                "send it in parts, or use genebank import beside the database.",
            )
        try:
            self._file.write(data)
        except OSError as error:
            raise _no_space(error) from error


def _broken(why: str) -> InputError:
    return InputError("unreadable_body", f"The body could not be read: {why}.")


def _no_space(error: OSError) -> SetupError:
    return SetupError("no_space", f"The body cannot be kept on disk: {error.strerror}.")
