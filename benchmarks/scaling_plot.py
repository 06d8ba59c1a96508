"""`python -m benchmarks.scaling_plot FIGURES`: what `make bench` measured of scale, as a picture.

FIGURES holds lines of `python -m benchmarks scale bulk --models N` for several N, the later of two
that say the same; a line with "on_paper": true was worked out, not measured. The picture is
docs/pictures/scaling.svg, or OUT.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.figures import say
from benchmarks.log_plot import Curve, Panel, log_plot

OUT = Path(__file__).parents[1] / "docs" / "pictures" / "scaling.svg"
USAGE = 2
TITLE = "Cost as a registry grows"
CAPTION = (
    "Vectors of 128 numbers on PostgreSQL, client, service and database on the same two cores. "
    "Dots were measured; dotted lines go on to what is expected of ten million."
)

Line = Mapping[str, Any]
Read = Callable[[Line], float]


def _value(line: Line) -> float:
    return float(line["value"])


def _fact(name: str) -> Read:
    return lambda line: float(line[name])


# Of each panel its heading, and of each curve: its name, the figure it is of, how to read that.
PANELS: Mapping[str, Sequence[tuple[str, str, Read]]] = {
    "One search in the index, microseconds": (
        ("Genebank", "scale.search_us", _value),
        ("raw FAISS", "scale.search_us", _fact("raw_faiss_us")),
        ("pgvector (HNSW)", "scale.search_vs_pgvector", _fact("pgvector_us")),
    ),
    "One answer over HTTP, milliseconds": (
        ("median of 16 callers", "scale.relatives_p50_ms", _value),
        ("p99", "scale.relatives_p99_ms", _value),
        ("processor time", "scale.relatives_p50_ms", _fact("server_cpu_ms")),
    ),
    "The whole registry, seconds": (
        ("import", "scale.import_per_s", _fact("wall_s")),
        ("first start: builds the index", "scale.first_ready_s", _value),
        ("restart", "scale.ready_s", _value),
    ),
    "Memory of the service, GiB": (("process", "scale.index_gb", _value),),
}


def scaling_plot(lines: Sequence[Line]) -> str:
    """The picture of figures, as SVG; ValueError where none is of scale."""
    panels = []
    for heading, curves in PANELS.items():
        every = [_curve(lines, *curve) for curve in curves]
        panels.append(Panel(heading, [curve for curve in every if curve.measured]))
    drawn = [panel for panel in panels if panel.curves]
    if not drawn:
        raise ValueError("no line of it is a figure of scale")
    return log_plot(drawn, TITLE, CAPTION, "models in the registry")


def _curve(lines: Sequence[Line], name: str, bench: str, read: Read) -> Curve:
    found: dict[bool, dict[float, float]] = {False: {}, True: {}}
    for line in lines:
        n = line.get("entries", line.get("models"))
        if line["bench"] == bench and n:
            try:
                found[bool(line.get("on_paper"))][float(n)] = read(line)
            except KeyError:
                continue  # This fact was not measured.
    return Curve(name, sorted(found[False].items()), sorted(found[True].items()))


def main(words: Sequence[str]) -> int:
    """Draw what a file holds; return the exit code."""
    if len(words) not in (1, 2):
        say("usage: python -m benchmarks.scaling_plot FIGURES.jsonl [OUT.svg]")
        return USAGE
    to = Path(words[1]) if len(words) > 1 else OUT
    try:
        text = Path(words[0]).read_text(encoding="utf-8")
        # `make bench` says words between its lines, if they were caught together.
        lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        to.write_text(scaling_plot(lines))
    except (OSError, ValueError) as error:
        say(f"error: {error}")
        return USAGE
    say(f"drawn: {to}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
