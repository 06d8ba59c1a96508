"""`genebank evidence`: what the score of two models is made of."""

import math
from typing import Annotated, Any

import typer
from rich import box
from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from app.cli import histograms
from app.cli.answers import marked
from app.cli.console import emit_json, heading, out, say, shown, table
from app.cli.figures import NO_NUMBER, bar, number, p_value, reference, standing
from app.cli.options import AsJson, ModelName, ProtocolName, Server
from app.cli.verdicts import verdict

# Side by side, each answer needs so many characters to be read.
NARROWEST = 30
# From here on, two lists of words fit beside each other.
WIDE = 100
# What counts as surprising, in standard deviations.
SURPRISING = 0.5
UP, DOWN, SAME = "↑", "↓", "·"
SIGNS = f"{UP} more, {DOWN} less surprised by a word than expected: first A, then B."
ADDS = "The score is the mean of what all probes add."
PLACE = f"How unrelated pairs stand, and this pair ({histograms.MARK})"
COUNTED = "A and B: how either model stands with those of the reference, relatives included."
MARGIN = 2
# What a list of probes takes beside their texts.
OTHER_COLUMNS = 26


def evidence(  # noqa: PLR0913  one parameter an option
    a: ModelName,
    b: ModelName,
    protocol: ProtocolName = None,
    probes: Annotated[
        int, typer.Option("--probes", min=1, max=50, help="Show so many probes for and against.")
    ] = 5,
    full: Annotated[bool, typer.Option("--full", help="Show answers whole.")] = False,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Show what speaks for and against two models being related: probes, answers, phrases.

    Examples:
      genebank evidence zephyr-7b-beta mistral-7b-instruct
      genebank evidence zephyr-7b-beta mistral-7b-instruct --probes 1 --full
    """
    from app.cli.client import connect

    with connect(server) as client:
        answer = client.get("/v1/evidence", a=a, b=b, protocol=protocol, n=probes)
    if as_json:
        emit_json(answer.text)
        return
    data = answer.data
    _head(data)
    if data["null"]:
        _place(data)
    for title, side in (("Most for", "most_for"), ("Most against", "most_against")):
        if data[side]:
            heading(f"{title}, of {len(data['probes'])} probes")
            out().print(_list(data[side]))
            out().print()
    for side in ("most_for", "most_against"):
        for probe in data[side]:
            _show(data, probe, full=full)
    if data["most_for"][0]["words"]:
        say(SIGNS)
    say(ADDS)
    say(data["note"])


def _head(data: dict[str, Any]) -> None:
    heading(f"{data['a']['name']} and {data['b']['name']} under {data['protocol']['name']}")
    told = (
        f": {data['score']} {number(data['value'])}, standing {standing(data['standing'])}, "
        f"p = {p_value(data['p_value'])}, {reference(data)}"
    )
    out().print(Text.assemble(verdict(data), told), soft_wrap=True)
    for letter in "ab":
        side = data[letter]
        told = f"{letter.upper()}: {side['ref']} ({side['evidence']})"
        out().print(shown(told), soft_wrap=True)
    out().print()


def _place(data: dict[str, Any]) -> None:
    """The null as bars, the pair's place below it, and how either model stands to the cohort."""
    null, margin = data["null"], " " * MARGIN
    wide = math.ceil(len(null["shares"]) / max(out().width - 2 * MARGIN, 1))
    edges = [*null["edges"][:-1:wide], null["edges"][-1]]
    low, high = f"{edges[0]:.0f}", f"{edges[-1]:.0f}"
    lines = [
        *histograms.rows(histograms.merged(null["shares"], wide)),
        histograms.axis(edges, data["standing"]),
        low + high.rjust(len(edges) - 1 - len(low)),
    ]
    for letter in "ab":
        [row] = histograms.rows(histograms.merged(null["counts"][letter], wide), height=1)
        lines.append(f"{row} {letter.upper()}")
    heading(PLACE)
    for line in lines:
        out().print(Text(margin + line), no_wrap=True, crop=False)
    say(COUNTED)
    out().print()


def _list(probes: list[dict[str, Any]]) -> Table:
    shows = table(["probe", "adds", "", "text"], numbers=["probe", "adds"])
    for probe in probes:
        text = shown(" ".join(probe["text"].split()))
        text.truncate(max(out().width - OTHER_COLUMNS, NARROWEST), overflow="ellipsis")
        shows.add_row(str(probe["index"] + 1), number(probe["score"]), bar(probe["score"]), text)
    return shows


def _show(data: dict[str, Any], probe: dict[str, Any], *, full: bool) -> None:
    """One probe, and what both models gave to it."""
    heading(f"Probe {probe['index'] + 1}, adds {number(probe['score'])}")
    if probe["words"]:
        out().print(_passage(probe))
        out().print(_words(probe))
    else:
        out().print(shown(" ".join(probe["text"].split()), "italic"))
        out().print(_answers(data, probe["answers"], full=full))
    out().print()


def _answers(data: dict[str, Any], answers: dict[str, Any], *, full: bool) -> RenderableType:
    """Both answers side by side; one below the other where there is no room, or no terminal."""
    is_terminal = out().is_terminal
    heads, texts = [], []
    for letter in "ab":
        answer = answers[letter]
        spans = sorted((first, end) for first, end in (p[letter] for p in answers["phrases"]))
        drawn = f" (answer 1 of {answer['draws']})" if answer["draws"] > 1 else ""
        heads.append(shown(f"{letter.upper()}: {data[letter]['name']}{drawn}", "bold"))
        texts.append(marked(answer["text"], spans, full=full, brackets=not is_terminal))
    if not is_terminal or out().width < 2 * NARROWEST:
        return Group(heads[0], texts[0], heads[1], texts[1])
    shows = Table(box=box.ROUNDED, expand=True)
    for head in heads:
        shows.add_column(head, ratio=1, overflow="fold")
    shows.add_row(*texts)
    return shows


def _passage(probe: dict[str, Any]) -> Text:
    """The passage; what was scored stands out from its context."""
    first = probe["words"][0]["span"][0]
    return Text.assemble(shown(probe["text"][:first], "dim"), shown(probe["text"][first:]))


def _words(probe: dict[str, Any]) -> RenderableType:
    """Log-probabilities of each scored word, in halves where two fit beside each other."""
    parts = []
    for words in _halved(probe["words"]) if out().width >= WIDE else [probe["words"]]:
        shows = table(
            ["word", "A", "B", "expected", "", "adds"], numbers=["A", "B", "expected", "adds"]
        )
        for word in words:
            shows.add_row(
                shown(probe["text"][slice(*word["span"])], "bold"),
                f"{word['a']['log_probability']:.2f}",
                f"{word['b']['log_probability']:.2f}",
                NO_NUMBER if word["expected"] is None else f"{word['expected']:.2f}",
                _sign(word["a"]["surprise"]) + _sign(word["b"]["surprise"]),
                f"{word['score']:+.2f}",
            )
        parts.append(shows)
    return Columns(parts, padding=(0, 4))


def _halved(words: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    middle = (len(words) + 1) // 2
    return [half for half in (words[:middle], words[middle:]) if half]


def _sign(surprise: float) -> str:
    """Whether a model is more or less surprised by a word than expected."""
    return UP if surprise > SURPRISING else DOWN if surprise < -SURPRISING else SAME
