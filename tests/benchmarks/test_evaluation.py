from pathlib import Path

import pytest

from app.errors import SetupError
from benchmarks.evaluation import figures
from benchmarks.groups import Options


def test_the_figures_are_those_of_the_program(data: Path):
    found = {figure.bench: figure for figure in figures(Options(data=data))}
    auc = found["evaluate.tiny-answers_direct_auc"]
    assert 0 <= auc.value <= 1
    assert auc.measured_on["pairs"] > 0
    assert found["evaluate.tiny-answers_seconds"].value > 0
    assert 10 < found["evaluate.tiny-answers_peak_mb"].value < 4000
    # Too few models for a reference: scores, and no p-values to check.
    assert not any("share_of_p" in bench for bench in found)


def test_what_the_program_says_is_passed_on(data: Path):
    (data / "lineage.tsv").rename(data / "kept.tsv")
    (data / "lineage.tsv").write_text("model\tbase\n", encoding="utf-8")
    try:
        with pytest.raises(SetupError, match="lineage"):
            list(figures(Options(data=data)))
    finally:
        (data / "kept.tsv").replace(data / "lineage.tsv")


def test_without_data_nothing_is_measured():
    assert list(figures(Options())) == []
