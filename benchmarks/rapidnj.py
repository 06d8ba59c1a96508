"""The program rapidnj, where it is installed: what it is given, and how long it takes."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.errors import SetupError
from benchmarks.grown import DIGITS

STARTS = b"Computing phylo"  # what it says once its matrix is read
ROWS = 256


@dataclass(frozen=True)
class Run:
    """The tree as Newick, and seconds of the processor: of the whole program, and of joining."""

    newick: str
    whole_s: float
    joining_s: float


def program() -> str | None:
    """Return the path of rapidnj, or None where it is not installed."""
    return shutil.which("rapidnj")


def write_matrix(distances: NDArray[np.float64], path: Path) -> None:
    """Write whole numbers of up to 7 digits as a PHYLIP matrix; row i is named t<i>."""
    n = len(distances)
    with path.open("wb") as file:
        file.write(f"{n}\n".encode())
        for top in range(0, n, ROWS):
            text = _digits(distances[top : top + ROWS].astype(np.int64))
            for row, line in enumerate(text, start=top):
                file.write(f"t{row}".encode() + line.tobytes() + b"\n")


def joined(rapidnj: str, matrix: Path) -> Run:
    """Let it join a matrix; SetupError `program_failed` where it does not."""
    tree = matrix.with_suffix(".nwk")
    words = [rapidnj, str(matrix), "-i", "pd", "-v", "-x", str(tree)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        read_s = None
        for line in process.stderr or ():
            if STARTS in line:
                read_s = _processor_s(process.pid)
                break
        if process.stderr:
            process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or read_s is None:
        raise SetupError("program_failed", f"{rapidnj} could not join {matrix}.")
    whole = used.ru_utime + used.ru_stime
    return Run(tree.read_text(), whole, whole - read_s)


def _digits(numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Each number as a space and DIGITS digits, one row of bytes a row."""
    rows, columns = numbers.shape
    text = np.full((rows, columns, DIGITS + 1), ord(" "), dtype=np.uint8)
    for place in range(DIGITS, 0, -1):
        numbers, digit = np.divmod(numbers, 10)
        text[:, :, place] = digit + ord("0")
    return text.reshape(rows, -1)


def _processor_s(pid: int) -> float:
    """Seconds of the processor that a process has used so far, to a hundredth."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
