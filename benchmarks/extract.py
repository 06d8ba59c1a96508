"""How long fingerprinting takes: a nursery's models in the worker, then larger ones against the
machine's limits and against the reference implementation.
"""

import statistics
from collections.abc import Iterable, Iterator
from importlib.metadata import version

from benchmarks import extract_floors, extract_paper, extract_peer, extract_phases
from benchmarks.figures import Figure
from benchmarks.fingerprinting import Run, fingerprinted
from benchmarks.groups import Options

PHASES = ("check", "load", "score", "answer", "encode", "store")


def figures(options: Options) -> Iterator[Figure]:
    """All of them; what needs the network comes last."""
    yield _of_nursery(options)
    yield from extract_floors.figures(options)
    yield from extract_phases.figures(options)
    yield from extract_paper.figures(options)
    yield from extract_peer.figures(options)


def _of_nursery(options: Options) -> Figure:
    """Mean wall seconds a model from being due to being stored, and of each phase.

    `other` is what no phase holds: claiming, forking, and for the first model importing torch.
    """
    runs = fingerprinted(options).runs
    walls = {name: run.wall_s for name, run in runs.items()}
    phases = {f"{phase}_s": _mean(runs.values(), phase) for phase in PHASES}
    mean = statistics.fmean(walls.values())
    facts = {
        **phases,
        "other_s": mean - sum(phases.values()),
        "median_s": statistics.median(walls.values()),
        "first_s": next(iter(walls.values())),
        "n": len(runs),
        "nursery": f"{options.size}, seed {options.seed}",
        "models": walls,
        "torch": version("torch"),
        "transformers": version("transformers"),
    }
    return Figure("extract.nursery_s", mean, "s", facts)


def _mean(runs: Iterable[Run], phase: str) -> float:
    return statistics.fmean(run.phases[phase] for run in runs)
