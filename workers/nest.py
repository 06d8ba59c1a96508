"""The parent's hold on the zygote: starts it bare when it is first needed, asks it for jobs'
processes, and hears how they ended. Never imports torch.
"""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import BinaryIO

from app.errors import SetupError
from app.gpus import lent
from workers.lending import TICK_S, Lender


class NestLostError(Exception):
    """The zygote is gone, and with it a job's process: the worker was hit, not the model."""


@dataclass(frozen=True)
class Forked:
    """A job's process: its id, pipes to and from it, and its exit status when it has ended.

    `ended` raises NestLostError when the zygote is gone.
    """

    pid: int
    stdin: BinaryIO
    stdout: BinaryIO
    ended: "Future[int]"

    def close(self) -> None:
        """Close the pipes."""
        with suppress(BrokenPipeError):  # what was written last and never read
            self.stdin.close()
        self.stdout.close()


class Nest:
    """One zygote and the processes that were forked from it; safe to use from many threads."""

    def __init__(self, threads: int, gpus: str | None = None) -> None:
        """Start nothing yet; `threads` is how many a job may compute with.

        `gpus` are lent to processes, see app/gpus.py; None: all.
        """
        self._threads = threads
        self._gpus = gpus
        self._lender = Lender(lent(gpus))
        self._asking = threading.Lock()
        self._zygote: _Zygote | None = None

    def fork(self, folder: Path, heartbeat: Callable[[], None]) -> Forked:
        """Start a job's process in its private folder, where it writes its `stderr`.

        Where there are GPUs it has one of them to itself, and is only started when one is free.
        The first call takes as long as importing torch does, and calls `heartbeat`, which may
        raise, about every tick meanwhile. Raises NestLostError when the zygote is killed, and
        SetupError `jobs_cannot_start` when it ends before it is ready.
        """
        gpu = self._lender.borrow(heartbeat)
        try:
            forked = self._fork(folder, heartbeat, gpu)
        except BaseException:
            self._lender.take_back(gpu)
            raise
        forked.ended.add_done_callback(lambda _: self._lender.take_back(gpu))
        return forked

    def _fork(self, folder: Path, heartbeat: Callable[[], None], gpu: str | None) -> Forked:
        with self._asking:
            if self._zygote is None or not self._zygote.alive:
                self._zygote = _Zygote(self._threads, self._gpus, folder.parent)
            zygote = self._zygote
        while not zygote.ready.wait(TICK_S):
            heartbeat()
        with self._asking:
            return zygote.fork(folder, gpu)

    def close(self) -> None:
        """End the zygote, and with it whatever was forked from it."""
        with self._asking:
            if self._zygote is not None:
                self._zygote.close()


class _Zygote:
    def __init__(self, threads: int, gpus: str | None, home: Path) -> None:
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._started: SimpleQueue[tuple[int, Future[int]] | None] = SimpleQueue()
        self._is_ready = False
        self.alive = True
        self.ready = threading.Event()
        environment = _environment(home, threads, gpus)
        spawned: Future[subprocess.Popen[bytes]] = Future()
        self._listener = threading.Thread(
            target=self._live, args=(theirs, home, environment, spawned), name="zygote", daemon=True
        )
        self._listener.start()
        self._process = spawned.result()

    def fork(self, folder: Path, gpu: str | None) -> Forked:
        stdin_read, stdin_write = os.pipe()
        stdout_read, stdout_write = os.pipe()
        stderr = os.open(folder / "stderr", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        theirs = [stdin_read, stdout_write, stderr]
        request = os.fsencode(f"{gpu or ''}\0{folder}")
        try:
            with suppress(OSError):  # it is gone: `_listen` notices too, and answers for it
                socket.send_fds(self._channel, [request], theirs)
            started = self._started.get()
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        if started is None:
            self._started.put(None)  # whoever asks next
            os.close(stdin_write)
            os.close(stdout_read)
            raise self._why_lost()
        pid, ended = started
        return Forked(pid, os.fdopen(stdin_write, "wb"), os.fdopen(stdout_read, "rb"), ended)

    def _why_lost(self) -> Exception:
        if self._is_ready:
            return NestLostError()
        return SetupError(
            "jobs_cannot_start",
            "The process that jobs are forked from ended while it started: what it wrote stands "
            "in the log; `genebank doctor` looks at the libraries.",
        )

    def close(self) -> None:
        self._process.kill()
        self._listener.join()

    def _live(
        self,
        theirs: socket.socket,
        home: Path,
        environment: dict[str, str],
        spawned: "Future[subprocess.Popen[bytes]]",
    ) -> None:
        """Start it and listen to it, in one thread.

        To Linux a child's parent is the thread that made it: with a job's thread, which ends when
        the worker drains, the zygote would die, and with it the other jobs.
        """
        try:
            with theirs:
                self._process = _spawn(theirs.fileno(), home, environment)
        except Exception as error:  # noqa: BLE001 - raised again where the zygote was asked for
            self._channel.close()
            spawned.set_exception(error)
            return
        spawned.set_result(self._process)
        self._listen()

    def _listen(self) -> None:
        """Hear of starts and ends until the zygote is gone, and with it all that it started."""
        running: dict[int, Future[int]] = {}
        with suppress(ConnectionResetError):
            while message := self._channel.recv(100):
                verb, pid, *status = message.split()
                if verb == b"ready":
                    self._is_ready = True
                    self.ready.set()
                elif verb == b"started":
                    running[int(pid)] = Future()
                    self._started.put((int(pid), running[int(pid)]))
                else:
                    running.pop(int(pid)).set_result(int(status[0]))
        self.alive = False
        self._process.kill()
        self._process.wait()
        self.ready.set()
        self._started.put(None)
        for ended in running.values():
            ended.set_exception(NestLostError())
        self._channel.close()


def _spawn(channel: int, home: Path, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-I", "-m", "workers.zygote", str(os.getpid())],
        stdin=channel,
        stdout=subprocess.DEVNULL,
        cwd=home,
        env=environment,
        start_new_session=True,
    )


def _environment(home: Path, threads: int, gpus: str | None) -> dict[str, str]:
    """Nothing of ours: no tokens, no database URL, no proxy; only which GPU is this worker's."""
    return {
        **({} if gpus is None else {"CUDA_VISIBLE_DEVICES": gpus}),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PATH": "/usr/bin:/bin",
        "OMP_NUM_THREADS": str(threads),
        # Threads that spin for each other on a busy machine take ten times as long.
        "OMP_WAIT_POLICY": "PASSIVE",
        # numpy's BLAS would start threads when it is imported, before the fork; torch has its own.
        "OPENBLAS_NUM_THREADS": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "TRANSFORMERS_VERBOSITY": "error",
        "DISABLE_SAFETENSORS_CONVERSION": "1",
    }
