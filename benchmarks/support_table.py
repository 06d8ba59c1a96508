"""`python -m benchmarks.support_table SEED...`: what stated support means, as in docs/trees.md.

Nurseries of these seeds are raised and fingerprinted, some minutes each, and the branches of their
trees judged together, once with the nursery as its own population and once with the next one's.
"""

import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from app.dna.population import freeze
from app.dna.protocol import Protocol, defaults
from app.dna.scores import Strands
from app.phylo.truth import Truth
from benchmarks.fingerprinting import fingerprinted
from benchmarks.groups import Options
from benchmarks.nursery import strands_of
from benchmarks.raised import Nursery
from benchmarks.support_truth import F64, HIGH, Judged, Mask, joined, judged, share_true, wilson

EDGES = (0.0, 0.1, 0.5, 0.7, HIGH, 0.97, np.inf)


def main(seeds: Sequence[int]) -> None:
    """Print a table for each default protocol."""
    done = [fingerprinted(Options(size="large", seed=seed)) for seed in seeds]
    for protocol in defaults():
        raised = [(one.nursery, strands_of(one, protocol)) for one in done]
        sys.stdout.write("\n".join(tables(protocol, raised)) + "\n")


def tables(protocol: Protocol, raised: Sequence[tuple[Nursery, Strands]]) -> Iterator[str]:
    """The lines of the tables of one protocol over several nurseries."""
    own = [judged(protocol, strands, nursery.parents)[1] for nursery, strands in raised]
    others = [*raised[1:], raised[0]]
    apart = []
    for (nursery, strands), (_, known) in zip(raised, others, strict=True):
        population = freeze(protocol, known, [""] * len(known))
        apart.append(judged(protocol, strands, nursery.parents, population)[1])
    for title, found in (("own population", own), ("the next nursery's", apart)):
        yield from ["", f"{protocol.name}, {title}, {len(found)} nurseries", ""]
        yield from _lines(joined(found))


def _lines(found: Judged) -> Iterator[str]:
    yield "| | branches | true | 95 % interval | an ancestor's clade | no clade cut |"
    yield "|---|---|---|---|---|---|"
    for name, values in (("bootstrap share", found.plain), ("stated support", found.stated)):
        yield _line(f"{name} >= {HIGH}", values >= HIGH, found)
    for low, high in pairwise(EDGES):
        yield _line(_bin(low, high), _within(found.stated, low, high), found)
    chosen = found.stated >= HIGH
    yield ""
    yield (
        f"Of all true branches {share_true(found.sound, chosen):.2f} have stated support of "
        f"{HIGH}, of those that are clades {share_true(found.are(Truth.CLADE), chosen):.2f}."
    )


def _within(values: F64, low: float, high: float) -> Mask:
    chosen: Mask = (values >= low) & (values < high)
    return chosen


def _bin(low: float, high: float) -> str:
    return f"stated {low:g} to {min(high, 1.0):g}"


def _line(name: str, chosen: Mask, found: Judged) -> str:
    n = int(chosen.sum())
    if not n:
        return f"| {name} | 0 | | | | |"
    true = int(found.sound[chosen].sum())
    low, high = (round(end, 2) + 0.0 for end in wilson(true, n))
    clade = share_true(chosen, found.are(Truth.CLADE))
    whole = share_true(chosen, ~found.are(Truth.CUT))
    return (
        f"| {name} | {n} | {true / n:.2f} | {low:.2f} to {high:.2f} | {clade:.2f} | {whole:.2f} |"
    )


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]])
