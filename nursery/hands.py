"""What runs in a worker process of the nursery; torch is loaded there and only there."""

import multiprocessing
import os
import threading
from pathlib import Path

from nursery.recipes import Recipe


def settle() -> None:
    """Prepare a fresh worker: one thread (so that sums are the same everywhere) and silence."""
    threading.Thread(target=_die_with_parent, daemon=True).start()
    import torch
    from transformers.utils import logging

    torch.set_num_threads(1)
    logging.disable_progress_bar()
    logging.set_verbosity_error()


def raise_one(recipe: Recipe, out: Path, seed: int) -> None:
    """Make the model of `recipe` in `out`; see nursery.nurse."""
    from nursery.nurse import raise_model

    raise_model(recipe, out, seed)


def _die_with_parent() -> None:
    """A killed parent can tell its workers nothing; without this they would wait forever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
