"""How faiss is called: in one thread, and with what a filter leaves."""

import faiss
import numpy as np
import numpy.typing as npt


def use_one_thread() -> None:
    """What this thread asks of faiss from now on, it does in this thread; a tenth of a microsecond.

    One query is too little work to share: two threads cost five times the processor time of one.
    OpenMP keeps the number for each thread that calls: to set it once, in the thread that
    imports, leaves all threads of the web server with all cores.
    """
    faiss.omp_set_num_threads(1)


def selector(bits: npt.NDArray[np.uint8]) -> "faiss.IDSelectorBitmap":
    """What lets those rows pass whose bit is set; `bits` must outlive it."""
    return faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
