"""The installed program, measured from outside."""

from pathlib import Path

import pytest

from app.errors import SetupError
from benchmarks import api, importing
from benchmarks.answer_sets import made_up
from benchmarks.groups import Options
from benchmarks.processes import genebank, service


def test_an_import_is_timed_whole(data: Path):
    [figure] = importing.figures(Options(data=data))
    assert figure.bench == "import.tiny-answers_s"
    assert figure.measured_on["models"] == 6
    assert figure.measured_on["cpu_s"] > 0
    assert 0.1 < figure.value < 60


def test_a_program_that_fails_is_no_figure(tmp_path: Path):
    with pytest.raises(SetupError, match=r"(?s)genebank tree failed: .*--nonsense"):
        genebank("tree", "--nonsense", data_dir=tmp_path)


def test_memory_and_libraries_of_a_service_are_seen(tmp_path: Path):
    answers = made_up(tmp_path, n_models=3, n_probes=4, characters=50)
    genebank("import", answers.answers, "--probes", answers.probes, data_dir=tmp_path)
    with service(tmp_path, worker=False) as served:
        before = served.peak_mb
        assert api.ask(served.url) == {"relatives": 3, "compare": 1, "tree": 1, "tips": 3}
        assert 30 < before <= served.peak_mb < 300
        assert served.has_mapped("faiss")  # so a library that is there would be seen
        assert not served.has_mapped("libtorch")
