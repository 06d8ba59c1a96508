"""The figures of local trees, on a small registry."""

from benchmarks.groups import Options
from benchmarks.trees_local import K, figures


def test_both_figures_say_what_they_were_taken_on() -> None:
    with_support, without = figures(Options(size="tiny"))
    assert (with_support.bench, without.bench) == (
        "trees.local_50_ms",
        "trees.local_50_without_support_ms",
    )
    assert with_support.measured_on["tips"] == K + 1
    assert with_support.measured_on["replicates"] > 0 == without.measured_on["replicates"]
    assert with_support.value > 0
