"""`python -m benchmarks.paper_cohort --data DIR --out docs/pictures`: the paper's cohort as trees.

DIR is a set of answers with the vectors that the paper's authors published beside it, in
`published_dna.jsonl`. Of a set with release dates, `--dated DIR`, the speeds of families are
drawn too. Pictures go to the folder, tables to standard output; see docs/paper-cohort.md.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from app.errors import GenebankError
from app.phylo.annotated import Annotated
from app.phylo.pictures.drawing import draw_svg
from app.phylo.pictures.style import Layout, Style, Theme
from app.phylo.upgma import upgma
from app.services.rates import Rates
from benchmarks import cohort_tables
from benchmarks.answer_sets import of_folder
from benchmarks.cohort import Cohort, Grown, cohort, published, rates_of
from benchmarks.figures import say
from benchmarks.forest_plot import Panel, Rate, forest_plot

VECTORS = "published_dna.jsonl"
USAGE = 2
# name of the file, whose tree, layout, theme, width
PICTURES: tuple[tuple[str, str, Layout, Theme, int | None], ...] = (
    ("paper-cohort", "ours", "rectangular", "light", 1000),
    ("paper-cohort-radial", "ours", "radial", "light", None),
    ("paper-cohort-published", "published", "radial", "light", None),
    ("paper-cohort-dark", "ours", "radial", "dark", None),
)


def main(words: Sequence[str]) -> int:
    """Draw and print; return the exit code."""
    asked = _parser().parse_args(words)
    try:
        asked.out.mkdir(parents=True, exist_ok=True)
        tables = _trees(asked.data, asked.out)
        if asked.dated is not None:
            tables.append(_rates(asked.dated, asked.out))
        sys.stdout.write(cohort_tables.joined(tables) + "\n")
    except GenebankError as error:
        say(f"error: {error.detail} [{error.code}]")
        return USAGE
    return 0


def _trees(data: Path, out: Path) -> list[Iterator[str]]:
    with tempfile.TemporaryDirectory() as folder:
        of = cohort(of_folder(data), Path(folder))
    theirs = published(data / VECTORS, of)
    trees = {"ours": of.ours, "published": theirs}
    for name, whose, layout, theme, width in PICTURES:
        style = _style(of, trees[whose], Style(layout=layout, theme=theme, width=width))
        _write(out / f"{name}.svg", draw_svg(trees[whose].annotated, style))
    clock = Annotated(upgma(theirs.distances, of.names))
    everyone = {**trees, "published, UPGMA": Grown(clock, theirs.distances, theirs.kind)}
    return [cohort_tables.compared(of, theirs), cohort_tables.traits(of, everyone)]


def _style(of: Cohort, grown: Grown, how: Style) -> Style:
    n = len(of.names)
    if grown is of.ours:
        title = f"{n} models of the LLM DNA paper, by our distances"
        caption = f"log-ranks of answers to 100 prompts, {grown.replicates} replicates"
    else:
        title = f"{n} models of the LLM DNA paper, by the published vectors"
        caption = "Euclidean distances of 128 numbers from answers to 600 prompts, no support"
    return Style(
        layout=how.layout,
        theme=how.theme,
        width=how.width,
        title=title,
        caption=f"{caption}; neighbour joining, midpoint root; families: the base checkpoint",
        unit=f"{grown.kind.replace('_', ' ')} distance",
        support_meaning="bootstrap of prompts times kinship",
    )


def _rates(data: Path, out: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        found = rates_of(of_folder(data), Path(folder))
    _write(out / "rates.svg", _forest(found))
    return cohort_tables.rates(found)


def _forest(found: Mapping[str, Rates]) -> str:
    panels = []
    for grouping, one in found.items():
        p_value = one.comparison.p_value
        test = "too few to compare" if p_value is None else f"one rate for all: p {p_value:.2g}"
        lines = [
            Rate(rate.family, rate.rate, rate.low, rate.high, f"{rate.n} models")
            for rate in sorted(one.rates, key=lambda rate: -(rate.rate or 0.0))
            if rate.rate is not None and rate.low is not None and rate.high is not None
        ]
        panels.append(Panel(f"Same {grouping} ({test})", lines))
    n = len(next(iter(found.values())).built.tips)
    return forest_plot(
        panels,
        "How fast families of models change",
        f"Of {n} models with release dates: distance from the earliest member of the family, a "
        "year, with 95 % intervals that know of shared branches and of resampled prompts.",
        "angular distance a year",
    )


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    say(f"{path}: {path.stat().st_size / 1000:.0f} kB")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.paper_cohort", description="Draw the paper's cohort as trees."
    )
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the cohort")
    parser.add_argument("--dated", type=Path, metavar="DIR", help="a set with release dates")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="for pictures")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
