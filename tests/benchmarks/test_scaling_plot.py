"""The picture of scale: a dot a figure, dotted lines for what was not measured."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from benchmarks.scaling_plot import OUT, main, scaling_plot

SVG = "{http://www.w3.org/2000/svg}"


def search_us(n: int, us: float, **more: object) -> dict[str, object]:
    return {"bench": "scale.search_us", "value": us, "entries": n, **more}


def test_dots_lie_as_the_figures_and_the_later_of_two_counts() -> None:
    lines = [search_us(10**6, 5.0), search_us(10**4, 10.0), search_us(10**6, 1000.0)]
    expected = search_us(10**7, 2000.0, on_paper=True)
    root = ET.fromstring(scaling_plot([*lines, expected]))  # noqa: S314  we wrote it
    _legend, *dots = root.iter(f"{SVG}circle")
    first, last = [(float(dot.get("cx", "")), float(dot.get("cy", ""))) for dot in dots]
    assert first[0] < last[0]
    assert first[1] > last[1]
    assert len([path for path in root.iter(f"{SVG}path") if path.get("stroke-dasharray")]) == 1
    assert "10 at 10,000, 1000 at 1,000,000, 2000 at 10,000,000" in "".join(root.itertext())


def test_the_picture_is_of_the_figures_that_are_kept(tmp_path: Path) -> None:
    kept = OUT.parents[1] / "scaling.jsonl"
    assert main([str(kept), str(tmp_path / "out.svg")]) == 0
    assert (tmp_path / "out.svg").read_text() == OUT.read_text()


def test_what_cannot_be_drawn_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert main([str(tmp_path / "missing")]) == 2
    (tmp_path / "empty").write_text("")
    (tmp_path / "other").write_text(json.dumps({"bench": "encode.us", "value": 1}))
    (tmp_path / "odd").write_text("{")
    for name in ("empty", "other", "odd"):
        assert main([str(tmp_path / name), str(tmp_path / "out.svg")]) == 2
    assert "error: " in capsys.readouterr().err
