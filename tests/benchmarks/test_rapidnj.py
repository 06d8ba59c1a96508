from pathlib import Path

import numpy as np
import pytest

from app.errors import SetupError
from benchmarks.grown import distances, grown
from benchmarks.rapidnj import joined, write_matrix

# Speaks as rapidnj does: reads a matrix, says that it joins, writes a tree.
STANDIN = """#!/bin/sh
echo "Reading distance matrix..." >&2
read n < "$1"
echo "Computing phylogetic tree..." >&2
echo "($(cut -d' ' -f1 "$1" | tail -n +2 | paste -sd,));" > "$6"
exit $((n > 5))
"""


@pytest.fixture
def standin(tmp_path: Path) -> str:
    program = tmp_path / "rapidnj"
    program.write_text(STANDIN)
    program.chmod(0o700)
    return str(program)


def test_a_matrix_is_written_as_its_whole_numbers(tmp_path: Path):
    matrix = distances(grown(300, 1))
    write_matrix(matrix, tmp_path / "m.phylip")
    first, *lines = (tmp_path / "m.phylip").read_text().splitlines()
    assert first == "300"
    rows = [line.split() for line in lines]
    assert [row[0] for row in rows] == [f"t{tip}" for tip in range(300)]
    assert np.array_equal(np.array([row[1:] for row in rows], dtype=float), matrix)


def test_a_run_gives_the_tree_and_its_seconds(tmp_path: Path, standin: str):
    write_matrix(distances(grown(4, 1)), tmp_path / "m.phylip")
    run = joined(standin, tmp_path / "m.phylip")
    assert run.newick == "(t0,t1,t2,t3);\n"
    assert run.whole_s >= 0
    assert run.joining_s <= run.whole_s


def test_a_program_that_fails_is_an_error(tmp_path: Path, standin: str):
    write_matrix(distances(grown(6, 1)), tmp_path / "m.phylip")
    with pytest.raises(SetupError) as error:
        joined(standin, tmp_path / "m.phylip")
    assert error.value.code == "program_failed"
