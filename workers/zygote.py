"""A process that has imported torch once and done nothing else: each job is forked from it.

Importing torch and transformers takes longer than asking a small model. The fork is as fresh as
a new process (nothing was loaded, no thread runs, no GPU was touched), and starts at once.
`python -m workers.zygote PARENT`, with a socket to that process as standard input.
"""

import os
import select
import signal
import socket
import sys
from contextlib import suppress

from workers import child
from workers.confinement import die_with_parent

MAX_REQUEST = 4096


def main() -> None:
    """Fork a job for each request until the parent hangs up."""
    die_with_parent(int(sys.argv[1]))
    channel = socket.socket(fileno=os.dup(0))
    with suppress(ImportError):  # said to the job that needs it
        import workers.llms.preload  # noqa: F401
    # A supervisor may ask all of a worker's processes to end: the worker sees to its jobs.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    wake, rang = os.pipe()
    os.set_blocking(rang, False)
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(rang)
    channel.send(b"ready %d" % os.getpid())
    while True:
        ready, _, _ = select.select([channel.fileno(), wake], [], [])
        if wake in ready:
            with suppress(BlockingIOError):
                os.read(wake, 4096)
            _report_ended(channel)
        if channel.fileno() in ready:
            request, descriptors, _, _ = socket.recv_fds(channel, MAX_REQUEST, 3)
            if not request:
                sys.exit(0)
            gpu, _, folder = os.fsdecode(request).partition("\0")
            channel.send(b"started %d" % _fork(folder, gpu, descriptors))


def _fork(folder: str, gpu: str, descriptors: list[int]) -> int:
    zygote = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            die_with_parent(zygote)
            if gpu:  # before anything asks which GPUs there are
                os.environ["CUDA_VISIBLE_DEVICES"] = gpu  # noqa: TID251  what CUDA reads
            status = _become_job(folder, descriptors)
        except BaseException:  # noqa: BLE001 - it must never return into the zygote's loop
            status = child.EXIT_CRASHED
        os._exit(status)
    for descriptor in descriptors:
        os.close(descriptor)
    return pid


def _become_job(folder: str, descriptors: list[int]) -> int:
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
    os.closerange(3, 1024)
    os.chdir(folder)
    return child.main()


def _report_ended(channel: socket.socket) -> None:
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            channel.send(b"ended %d %d" % (pid, os.waitstatus_to_exitcode(status)))


if __name__ == "__main__":
    main()
