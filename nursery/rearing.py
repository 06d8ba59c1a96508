"""Raising a whole nursery: parents before children, several at a time, each in a worker process.

Every model depends on its recipe, its parents and the seed alone, so neither the number of
workers nor the order in which they finish changes a weight.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

from nursery import hands, marker
from nursery.errors import NurseryError
from nursery.families import Size
from nursery.genealogy import Member, member, write_lineage
from nursery.recipes import Recipe, plan

LINEAGE = "lineage.tsv"
WORKERS = 2


def raise_nursery(
    out: Path,
    seed: int = 1,
    size: Size = "small",
    on_model: Callable[[Member], None] | None = None,
    workers: int = WORKERS,
) -> list[Member]:
    """Raise the nursery of `size` and `seed` in the folder `out`; return its members in plan order.

    `on_model` is called in this thread as each model is complete, parents before their children.
    A complete nursery is reused, an interrupted one continued; then `on_model` is called for the
    models that were there, too. Raises NurseryError when `out` holds anything else.
    """
    recipes = plan(size, seed)
    done = marker.claim(out, size, seed)
    for recipe in _in_turn(recipes, out, seed, workers):
        if on_model is not None:
            on_model(member(recipe, out))
    members = [member(recipe, out) for recipe in recipes]
    if not done:
        write_lineage(members, out / LINEAGE)
        marker.complete(out, size, seed)
    return members


def _in_turn(recipes: list[Recipe], out: Path, seed: int, workers: int) -> Iterator[Recipe]:
    """Yield every recipe whose model is in `out`: first those found there, then as they come."""
    missing = []
    for recipe in recipes:
        if (out / recipe.name).is_dir():
            yield recipe
        else:
            missing.append(recipe)
    if missing:
        yield from _raised(missing, out, seed, workers)


def _raised(missing: list[Recipe], out: Path, seed: int, workers: int) -> Iterator[Recipe]:
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=hands.settle)
    running: dict[Future[None], Recipe] = {}
    try:
        while missing or running:
            ready = [recipe for recipe in missing if _has_parents(recipe, out)]
            missing = [recipe for recipe in missing if recipe not in ready]
            running |= {pool.submit(hands.raise_one, recipe, out, seed): recipe for recipe in ready}
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                future.result()
                yield running.pop(future)
    except BrokenProcessPool as error:
        raise NurseryError(
            "worker_died",
            "A worker process died, perhaps for want of memory: run it again, what is there stays.",
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _has_parents(recipe: Recipe, out: Path) -> bool:
    return all((out / parent).is_dir() for parent in recipe.parents)
