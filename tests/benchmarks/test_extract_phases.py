"""The engine and the machine in processes of their own, on the smallest Llama."""

from pathlib import Path

import pytest

from benchmarks import extract_phases
from benchmarks.groups import Options


def test_each_phase_has_its_tokens_and_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)  # where Llamas are kept
    found = {
        figure.measured_on["phase"]: figure
        for figure in extract_phases.figures(Options(size="tiny"))
    }
    effort = extract_phases.EFFORTS["tiny"]
    assert list(found) == ["scoring", "prefill", "decoding"]
    assert found["decoding"].measured_on["tokens"] == effort.prompts * (effort.new_tokens - 1)
    for figure in found.values():
        facts = figure.measured_on
        assert figure.value == pytest.approx(facts["tokens"] / facts["s"])
        assert facts["share_of_limit"] == pytest.approx(facts["limit_s"] / facts["s"])
        assert facts["gflops_per_s"] > 0.1
        assert facts["gb_per_s"] > 0.1
