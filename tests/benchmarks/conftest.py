"""A set of answers with its lineage, as `--data` takes it."""

import gzip
from pathlib import Path

import pytest

from tests.synthetic import FAMILY, write_files


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("set")
    answers, _ = write_files(folder)
    (folder / "answers.jsonl.gz").write_bytes(gzip.compress(answers.read_bytes()))
    rows = ["model\tbase\tparent\trelation\treleased"]
    for name, parent in FAMILY.items():
        base = name
        while above := FAMILY[base]:
            base = above
        rows.append(f"{name}\t{base}-base\t{parent or f'{base}-base'}\tfinetune\t2024-05")
    (folder / "lineage.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder
