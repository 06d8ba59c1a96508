"""Takes from this process, before it reads hostile files, what it does not need: the network,
new privileges, other processes' memory, and life beyond its parent. Linux only; ctypes only.
"""

import ctypes
import os
import platform
import resource
import signal
import struct

from app.errors import SetupError

PR_SET_PDEATHSIG = 1
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2

# <linux/filter.h> and <linux/seccomp.h>
LOAD_WORD, JUMP_IF_EQUAL, JUMP_IF_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, ERRNO_EACCES, KILL = 0x7FFF0000, 0x00050000 | 13, 0x80000000
X32_CALLS = 0x40000000

MAX_FILE_BYTES = 1 << 30
MAX_OPEN_FILES = 1024

# System call numbers by machine: sockets of any family (a local one reaches databases too),
# io_uring (it opens sockets by itself), other processes' memory, namespaces, and kernel doors.
REFUSED: dict[str, tuple[int, tuple[int, ...]]] = {
    # socket connect ptrace readv writev io_uring*3 unshare setns mount bpf userfaultfd perf
    # keyctl add_key request_key pidfd_getfd
    "x86_64": (
        0xC000003E,
        (41, 42, 101, 310, 311, 425, 426, 427, 272, 308, 165, 321, 323, 298, 250, 248, 249, 438),
    ),
    "aarch64": (
        0xC00000B7,
        (198, 203, 117, 270, 271, 425, 426, 427, 97, 268, 40, 280, 282, 241, 219, 217, 218, 438),
    ),
}


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when process `parent` ends; exit if it has already."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def limit_resources() -> None:
    """No core dumps, bounded files and descriptors; memory is watched by the parent."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE_BYTES, MAX_FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (MAX_OPEN_FILES, MAX_OPEN_FILES))


def confine(*, required: bool) -> str:
    """Refuse sockets and the like for good; return `seccomp`, or `none` where it cannot be.

    Raises SetupError `cannot_confine` when it is required and the kernel lacks it.
    """
    try:
        architecture, refused = REFUSED[platform.machine()]
        _prctl(PR_SET_NO_NEW_PRIVS, 1)
        _install_filter(architecture, refused)
    except (KeyError, OSError) as error:
        if required:
            raise SetupError(
                "cannot_confine",
                f"This kernel cannot take the network from a job ({error}): run on Linux with "
                "seccomp, or set GENEBANK_UNCONFINED=true for models that you trust.",
            ) from error
        return "none"
    return "seccomp"


def _install_filter(architecture: int, refused: tuple[int, ...]) -> None:
    program = [
        (LOAD_WORD, 0, 0, 4),  # seccomp_data.arch
        (JUMP_IF_EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, KILL),
        (LOAD_WORD, 0, 0, 0),  # seccomp_data.nr
        (JUMP_IF_AT_LEAST, len(refused) + 1, 0, X32_CALLS),
        *((JUMP_IF_EQUAL, len(refused) - i, 0, call) for i, call in enumerate(refused)),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, ERRNO_EACCES),
    ]
    code = b"".join(struct.pack("=HBBI", *line) for line in program)
    lines = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("@HP", len(program), ctypes.addressof(lines))
    _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.create_string_buffer(header, len(header)))


def _prctl(option: int, *arguments: object) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    padded = (*arguments, 0, 0, 0, 0)[:4]
    plain = [ctypes.c_ulong(a) if isinstance(a, int) else a for a in padded]
    if libc.prctl(option, *plain) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
