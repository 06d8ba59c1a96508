"""How fast trees are joined, and in how much memory: beside scikit-bio and rapidnj.

Both sides join the same distances (`benchmarks.grown`), one thread each, in turns; ratios are
of seconds of the processor, so that others may use the machine meanwhile. Beside scikit-bio,
which copies the matrix, ours does so too; beside rapidnj, which does not, neither.
"""

import statistics
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from app.phylo.comparison import robinson_foulds
from app.phylo.formats.newick import read
from benchmarks.figures import Figure
from benchmarks.groups import Options
from benchmarks.grown import WIDTH, distances, grown
from benchmarks.rapidnj import Run, joined, program, write_matrix
from benchmarks.sides import Reply, Side, cpu_s, running, wall_s

OURS, SCIKIT_BIO = "benchmarks.side_joining", "benchmarks.side_scikit_bio"
# Tips beside rapidnj, beside scikit-bio, for memory; and how many turns.
SIZES = {
    "tiny": (300, 200, 500, 1),
    "small": (10_000, 2000, 20_000, 3),
    "large": (10_000, 2000, 20_000, 7),
}
Facts = dict[str, Any]
DATA = f"Euclidean distances of {WIDTH}-d vectors grown along a Yule tree, to 7 digits"


def figures(options: Options) -> Iterator[Figure]:
    """The three figures; names stay, whatever the size: see `n`."""
    many, some, most, turns = SIZES[options.size]
    with running(OURS) as ours:
        with running(SCIKIT_BIO) as peer:
            yield beside_scikit_bio(ours, peer, some, options.seed, turns)
        yield beside_rapidnj(ours, many, options.seed, turns)
    with running(OURS) as alone:
        yield memory(alone, most, options.seed)


def beside_scikit_bio(ours: Side, peer: Side, n: int, seed: int, turns: int) -> Figure:
    """How many times faster than scikit-bio's `nj`, the call alone."""
    mine: list[Reply] = []
    theirs: list[Reply] = []
    for _ in range(turns):
        mine.append(ours.ask("ours", n=n, seed=seed, overwrite=False))
        theirs.append(peer.ask("join", n=n, seed=seed))
    facts = {
        "peer": f"scikit-bio {theirs[0]['version']} nj",
        "peer_s": _median_s(theirs),
        "peer_wall_s": _median_wall_s(theirs),
        "wanted_at_least": 5,
        **_facts(mine, n),
        "splits_that_differ": _difference(mine[0]["newick"], theirs[0]["newick"]),
    }
    value = _median_s(theirs) / _median_s(mine)
    return Figure("trees.nj_2000_vs_skbio", value, "times", facts)


def beside_rapidnj(ours: Side, n: int, seed: int, turns: int) -> Figure:
    """How many times faster than rapidnj joins, or where it is not, than its published search."""
    peer = program()
    mine: list[Reply] = []
    published: list[Reply] = []
    runs: list[Run] = []
    with tempfile.TemporaryDirectory() as folder:
        matrix = Path(folder) / "matrix.phylip"
        if peer is not None:
            write_matrix(distances(grown(n, seed)), matrix)
        for _ in range(turns):
            mine.append(ours.ask("ours", n=n, seed=seed, overwrite=True))
            if peer is not None:
                runs.append(joined(peer, matrix))
            if peer is None or not published:  # once, for comparison, beside the program itself
                published.append(ours.ask("published", n=n, seed=seed))
    facts = {
        "wanted_at_least": 4,
        **_facts(mine, n),
        **_published_facts(published, mine[0]),
        **(_program_facts(runs, mine[0]) if runs else {"peer": "its published search"}),
    }
    theirs = statistics.median(run.joining_s for run in runs) if runs else _median_s(published)
    return Figure("trees.nj_10000_vs_rapidnj", theirs / _median_s(mine), "times", facts)


def memory(alone: Side, n: int, seed: int) -> Figure:
    """The most memory of a process that makes distances and joins them in their own place."""
    reply = alone.ask("memory", n=n, seed=seed)
    facts = {
        "n": n,
        "data": DATA,
        "matrix_mb": reply["matrix_mb"],
        "distances_s": cpu_s(reply, "distances"),
        "join_s": cpu_s(reply, "join"),
        "wanted_at_most": 6 * 1024,
        "clock": "CPU seconds",
    }
    return Figure("trees.nj_20000_mb", reply["peak_mb"], "MB", facts)


def _facts(mine: Sequence[Reply], n: int) -> Facts:
    return {
        "n": n,
        "data": DATA,
        "turns": len(mine),
        "ours_s": _median_s(mine),
        "ours_wall_s": _median_wall_s(mine),
        "clock": "CPU seconds, one thread",
    }


def _published_facts(published: Sequence[Reply], mine: Reply) -> Facts:
    """The search that the authors of rapidnj describe, in 64 bits, by our compiler."""
    return {
        "published_search_s": _median_s(published),
        "published_search_turns": len(published),
        "published_splits_that_differ": _difference(mine["newick"], published[0]["newick"]),
    }


def _program_facts(runs: Sequence[Run], mine: Reply) -> Facts:
    """The program itself; it computes in 32 bits, so some of its splits may be others."""
    return {
        "peer": "rapidnj, its joining without its reading",
        "peer_s": statistics.median(run.joining_s for run in runs),
        "peer_whole_s": statistics.median(run.whole_s for run in runs),
        "peer_splits_that_differ": _difference(mine["newick"], runs[0].newick),
    }


def _difference(one: str, other: str) -> int:
    return robinson_foulds(read(one), read(other))


def _median_s(replies: Sequence[Reply]) -> float:
    return statistics.median(map(cpu_s, replies))


def _median_wall_s(replies: Sequence[Reply]) -> float:
    return statistics.median(map(wall_s, replies))
