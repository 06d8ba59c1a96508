"""New models placed into a standing tree, and trees of more tips than a matrix can hold.

Seconds are those of the processor, so that others may use the machine meanwhile.
"""

from collections.abc import Iterator

from benchmarks.figures import Figure
from benchmarks.groups import Options
from benchmarks.side_large import WIDTH
from benchmarks.sides import Reply, Side, cpu_s, running, wall_s

# Tips of the standing tree, tips placed into it; tips of the large tree, of the one joined twice.
SIZES = {
    "tiny": (300, 30, 2500, 300),
    "small": (10_000, 200, 20_000, 10_000),
    "large": (10_000, 1000, 100_000, 10_000),
}
MOST_LONGER = 5.0  # percent


def figures(options: Options) -> Iterator[Figure]:
    """The three figures; names stay, whatever the size: see `n`."""
    n, new, many, some = SIZES[options.size]
    with running("benchmarks.side_placing") as side:
        yield placing(side.ask("place", n=n, new=new, seed=options.seed), n, new)
    with running("benchmarks.side_large") as side:
        yield from growing(side, many, some, options.seed)


def placing(reply: Reply, n: int, new: int) -> Figure:
    """A model's way from its strand and its near tips' strands to its place."""
    facts = {
        "n": n,
        "placed": new,
        "data": "lexical strands (128, 64) grown along a Yule tree",
        "distance": reply["kind"],
        "near": reply["near"],
        "anchors": reply["anchors"],
        **{f"{phase}_ms": 1000 * cpu_s(reply, phase) for phase in reply["seconds"]},
        "wall_ms": 1000 * wall_s(reply),
        "percent_of_rebuilt_length": 100 * reply["length"] / reply["length_rebuilt"],
        "wanted_within_percent": MOST_LONGER,
        "wanted_at_most": 10,
        "clock": "CPU milliseconds, median",
    }
    return Figure("trees.place_10000_ms", reply["whole_ms"], "ms", facts)


def growing(side: Side, many: int, some: int, seed: int) -> Iterator[Figure]:
    """A tree by parts: its time and its memory, and its quality beside one joined at once."""
    large = side.ask("large", n=many, seed=seed)
    compared = side.ask("large", n=some, seed=seed)
    whole = side.ask("whole", n=some, seed=seed)
    facts = {
        "n": many,
        "data": f"squared differences of {WIDTH}-d vectors grown along a Yule tree",
        "distances_a_tip": large["asked"],
        "clock": "CPU seconds",
    }
    quality = {
        "wall_s": wall_s(large),
        "percent_of_true_length": 100 * large["length"] / large["length_of_truth"],
        "compared_n": some,
        "compared_s": cpu_s(compared),
        "compared_at_once_s": cpu_s(whole),
        "wrong_splits": compared["wrong"],
        "wrong_splits_at_once": whole["wrong"],
        "percent_of_length_at_once": 100 * compared["length"] / whole["length"],
    }
    yield Figure("trees.large_100000_s", cpu_s(large), "s", {**facts, **quality})
    memory = {**facts, "data_mb": large["data_mb"]}
    yield Figure("trees.large_100000_mb", large["peak_mb"], "MB", memory)
