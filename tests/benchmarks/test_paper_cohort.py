"""The paper's cohort, in small: made-up families that change with time."""

import gzip
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from benchmarks.cohort import Grown
from benchmarks.cohort_measures import oddness
from benchmarks.forest_plot import Panel, Rate, forest_plot
from benchmarks.paper_cohort import main
from tests.evolving import write_files


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set with dates and published vectors: the small family are encoder-decoders by name."""
    made = tmp_path_factory.mktemp("cohort")
    answers, probes = write_files(made)
    probes.rename(made / "probes.json")
    lines = [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]
    rng = np.random.default_rng(0)
    lineage, vectors = ["model\tbase\tparent\trelation\treleased"], []
    with gzip.open(made / "answers.jsonl.gz", "wt") as file:
        for line in lines:
            family, _, name = line["model"].partition("/")
            label = f"{family}_{name.replace('few', 't5')}"
            file.write(json.dumps({"model": label, "answers": line["answers"]}) + "\n")
            lineage.append(f"{label}\t{family}\t\t\t{line['released']}")
            vectors.append(json.dumps({"model": label, "vector": rng.normal(size=8).tolist()}))
    (made / "lineage.tsv").write_text("\n".join(lineage) + "\n", encoding="utf-8")
    (made / "published_dna.jsonl").write_text("\n".join(vectors) + "\n", encoding="utf-8")
    return made


def test_pictures_and_tables(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--data", str(folder), "--dated", str(folder), "--out", str(tmp_path / "pictures")]
    assert main(words) == 0
    pictures = sorted((tmp_path / "pictures").iterdir())
    assert sorted(one.stem for one in pictures) == [
        "paper-cohort",
        "paper-cohort-dark",
        "paper-cohort-published",
        "paper-cohort-radial",
        "rates",
    ]
    for picture in pictures:
        text = picture.read_text(encoding="utf-8")
        ET.fromstring(text)  # noqa: S314  we wrote it
        assert len(text) < 150_000
        assert ("red_red-7" in text) is (picture.stem != "rates")
    said = capsys.readouterr().out
    rows = {line.split("|")[1].strip(): line for line in said.splitlines() if line.startswith("|")}
    [quartets] = [line for name, line in rows.items() if name.startswith("quartets")]
    assert "| 1.00 (1.00 to 1.00) |" in quartets, "made-up families stand apart"
    assert "| architecture | ours | 19 | 2 | 1, " in said, "encoder-decoders stand together"
    assert "red (same base)" in rows
    assert "few (same base)" not in rows, "three are too few for a rate"


def test_a_set_without_vectors_of_all(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("answers.jsonl.gz", "probes.json", "lineage.tsv"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    one = (folder / "published_dna.jsonl").read_text(encoding="utf-8").splitlines()[0]
    (tmp_path / "published_dna.jsonl").write_text(one + "\n", encoding="utf-8")
    assert main(["--data", str(tmp_path), "--out", str(tmp_path)]) == 2
    assert "lacks vectors" in capsys.readouterr().err
    assert main(["--data", str(tmp_path / "nowhere"), "--out", str(tmp_path)]) == 2


def test_oddness_is_what_says_nothing_of_pairs() -> None:
    rng = np.random.default_rng(0)
    odd = rng.random(12)
    sums = odd[:, None] + odd
    np.fill_diagonal(sums, 0)
    noise = np.triu(rng.random((12, 12)), 1)

    def of(distances: np.ndarray) -> float:
        return oddness(Grown(None, distances, "made up"))  # type: ignore[arg-type]

    assert of(sums) == pytest.approx(1)
    assert of(noise + noise.T) < 0.5


@pytest.mark.parametrize("n", [0, 1, 12])
def test_a_forest_has_a_line_a_rate_and_escapes_names(n: int) -> None:
    rates = [Rate(f"<b> & {i}", i / 9, i / 9 - 0.1, i / 9 + 0.3) for i in range(n)]
    root = ET.fromstring(  # noqa: S314  we wrote it
        forest_plot([Panel("all", rates)], "A title", "A caption.", "a year")
    )
    places = [
        float(dot.get("cx", "nan")) for dot in root.iter("{http://www.w3.org/2000/svg}circle")
    ]
    assert len(places) == n
    assert places == sorted(places)
    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert all(rate.name in texts for rate in rates)
