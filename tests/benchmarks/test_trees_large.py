"""The figures of placement and of large trees, on small ones."""

from benchmarks.groups import Options
from benchmarks.trees_large import figures


def test_the_figures_say_what_they_are_of() -> None:
    placing, seconds, memory = figures(Options(size="tiny"))
    assert placing.bench == "trees.place_10000_ms"
    assert placing.measured_on["n"] == 300
    assert 95 < placing.measured_on["percent_of_rebuilt_length"] < 105
    assert (seconds.bench, memory.bench) == ("trees.large_100000_s", "trees.large_100000_mb")
    assert 95 < seconds.measured_on["percent_of_true_length"] < 105
    assert memory.value > memory.measured_on["data_mb"]
