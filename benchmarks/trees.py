"""How fast trees are grown, how much memory they take, and how often they are right."""

from collections.abc import Iterator

from benchmarks import trees_graph, trees_joining, trees_large, trees_local, trees_support
from benchmarks.figures import Figure
from benchmarks.groups import Options


def figures(options: Options) -> Iterator[Figure]:
    """All of them; those of nurseries come last."""
    yield from trees_joining.figures(options)
    yield from trees_large.figures(options)
    yield from trees_local.figures(options)
    yield from trees_support.figures(options)
    yield from trees_graph.figures(options)
