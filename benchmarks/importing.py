"""How long `genebank import` takes for a set of real answers, from an empty registry."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from app.errors import SetupError
from benchmarks.answer_sets import given
from benchmarks.figures import Figure
from benchmarks.groups import Options
from benchmarks.processes import genebank


def figures(options: Options) -> Iterator[Figure]:
    """Seconds from the start of the program to its end."""
    answers = given(options)
    if answers is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        done = genebank(
            "import", answers.answers, "--probes", answers.probes, data_dir=Path(folder)
        )
    added = re.match(r"([\d,]+) added, 0 there already", done.output)
    if added is None:
        raise SetupError("program_failed", f"The import did not add all: {done.output.strip()}")
    facts = {
        "cpu_s": done.cpu_s,
        "models": int(added[1].replace(",", "")),
        "database": "sqlite",
        "wanted_at_most": 60,
    }
    yield Figure(f"import.{answers.name}_s", done.wall_s, "s", facts)
