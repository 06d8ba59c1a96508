"""Where large indexes are searched: on the CPU, or on the first GPU that faiss-gpu sees.

A GPU holds a copy of an index, for searches without a filter: faiss cannot filter there. All else
is the CPU's index, which stays the one that is kept.
"""

from threading import Lock
from typing import Literal

import faiss
import structlog

from app.errors import SetupError
from app.search.engine.part import F32, I64

log = structlog.get_logger(__name__)

Device = Literal["cpu", "gpu"]
# What faiss sets aside on a GPU for its work; it would take 1.5 GB, enough for thousands at a time.
WORK_BYTES = 64 << 20
# As many as a search on a GPU can find.
MOST_FOUND = 2048


class Gpu:
    """One GPU of this process; only one thread at a time may ask it, whatever index it asks."""

    def __init__(self) -> None:
        self._resources = faiss.StandardGpuResources()
        self._resources.setTempMemory(WORK_BYTES)
        self._resources.setPinnedMemory(0)
        self._asking = Lock()

    def copied(self, index: "faiss.Index") -> "Copy | None":
        """A copy of an index; None, and a line in the log, where the GPU has no room for it."""
        try:
            with self._asking:
                return Copy(faiss.index_cpu_to_gpu(self._resources, 0, index), self._asking)
        except RuntimeError as error:
            log.warning("index is searched on the CPU", why=str(error)[:200])
            return None


class Copy:
    """An index on a GPU."""

    def __init__(self, index: "faiss.Index", asking: Lock) -> None:
        self._index, self._asking = index, asking

    def search(self, query: F32, k: int) -> tuple[F32, I64]:
        """What faiss finds, up to MOST_FOUND, for a query (1, d): products and rows, (1, k)."""
        with self._asking:
            products, rows = self._index.search(query, k)
        return products, rows


_gpu: Gpu | None = None


def choose(wanted: Literal["auto", "cpu", "gpu"]) -> Device:
    """Say once, as a process starts, where its indexes are searched; return it.

    `auto` is a GPU if there is one. Raises SetupError `no_gpu`.
    """
    global _gpu
    has_gpu = wanted != "cpu" and faiss.get_num_gpus() > 0
    if wanted == "gpu" and not has_gpu:
        raise SetupError(
            "no_gpu",
            "GENEBANK_INDEX_DEVICE is gpu, and faiss sees none: install extra gpu in place of cpu "
            "(pip uninstall faiss-cpu, pip install 'genebank[gpu]'), look at nvidia-smi, or say "
            "auto.",
        )
    _gpu = Gpu() if has_gpu else None
    return "gpu" if has_gpu else "cpu"


def copied(index: "faiss.Index") -> Copy | None:
    """A copy of an index where this process searches; None: on the CPU."""
    return None if _gpu is None else _gpu.copied(index)
