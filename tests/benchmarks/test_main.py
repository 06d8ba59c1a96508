import json
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.groups import GROUPS


def test_an_unknown_group_is_refused_with_near_names_before_anything_is_measured(capsys):
    assert main(["import", "encod"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "did you mean encode?" in said.err
    assert "left out" not in said.err


def test_a_group_that_resembles_nothing_is_answered_with_all(capsys):
    assert main(["xyzzy"]) == 2
    assert ", ".join(GROUPS) in capsys.readouterr().err


@pytest.mark.parametrize("group", ["import", "evaluate"])
def test_without_data_real_answers_are_left_out_and_it_is_said_how_to_give_them(group, capsys):
    assert main([group]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "--data DIR" in said.err


def test_a_set_that_lacks_a_file_is_an_error_that_names_it(data: Path, tmp_path: Path, capsys):
    (tmp_path / "answers.jsonl.gz").write_bytes((data / "answers.jsonl.gz").read_bytes())
    assert main(["import", "--data", str(tmp_path)]) == 2
    assert str(tmp_path / "probes.json") in capsys.readouterr().err


def test_figures_are_one_json_object_a_line(data: Path, capsys):
    assert main(["evaluate", "--data", str(data)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len({line["bench"] for line in lines}) == len(lines) > 5
    for line in lines:
        assert line.keys() >= {"bench", "value", "unit", "models", "cores", "python", "genebank"}
        assert line["value"] >= 0
