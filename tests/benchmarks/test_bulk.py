"""The figures of bulk are those of the real command and a real service."""

import pytest

from benchmarks.bulk import DISTINCT, figures
from benchmarks.groups import Options


def test_all_comes_in_and_out_and_a_storm_makes_each_job_once(
    postgres_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENEBANK_BENCH_POSTGRES", postgres_server)
    found = {figure.bench: figure for figure in figures(Options(size="tiny"))}
    assert list(found) == [
        "scale.import_per_s",
        "scale.import_again_per_s",
        "scale.export_per_s",
        "load.post_storm_jobs",
        "load.post_storm_5xx",
    ]
    storm = found["load.post_storm_jobs"]
    assert (storm.value, storm.measured_on["jobs_named"]) == (DISTINCT, DISTINCT)
    assert found["load.post_storm_5xx"].value == 0
