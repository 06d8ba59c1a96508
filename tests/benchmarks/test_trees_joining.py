from benchmarks.groups import Options
from benchmarks.trees_joining import figures


def test_the_figures_say_what_they_are_of():
    found = {figure.bench: figure for figure in figures(Options(size="tiny"))}
    assert list(found) == [
        "trees.nj_2000_vs_skbio",
        "trees.nj_10000_vs_rapidnj",
        "trees.nj_20000_mb",
    ]
    beside_scikit_bio, beside_rapidnj, memory = found.values()
    assert beside_scikit_bio.measured_on["n"] == 200
    assert beside_scikit_bio.measured_on["splits_that_differ"] == 0
    assert beside_rapidnj.measured_on["published_splits_that_differ"] == 0
    assert memory.measured_on["matrix_mb"] < memory.value < 1000
