"""Standard output and standard error: results go to one, words to people to the other.

Names come from outside, so all text is shown as it is: no markup, no character that drives a
terminal.
"""

import json
import sys
from collections.abc import Sequence
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.errors import GenebankError, NotFoundError, SetupError

# A pipe has no width: a table must not be cut there.
PIPE_WIDTH = 1000
# A narrow terminal folds these columns; it cuts no numbers, and no ids, which people copy.
LONG = (
    *("model", "protocol", "error", "detail", "copies", "reasons", "encoder", "strand"),
    *("away", "among", ""),
)


class _Pipeable(Console):
    """A console that lets a reader who has seen enough end the program."""

    def on_broken_pipe(self) -> None:
        """Raise it again: the edge decides."""
        raise BrokenPipeError


def out() -> Console:
    """Standard output, for results."""
    return _Pipeable(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)


def err() -> Console:
    """Standard error, for progress and messages."""
    return _Pipeable(stderr=True, highlight=False)


def visible(value: object) -> str:
    """Return the text with everything that is not printable as an escape."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode()
        for char in str(value)
    )


def shown(value: object, style: str = "") -> Text:
    """Return text that a terminal only shows, without markup."""
    return Text(visible(value), style=style, overflow="fold")


def say(message: object) -> None:
    """Tell people something, on standard error."""
    err().print(shown(message), soft_wrap=True)


def emit(text: str) -> None:
    """Write a result to standard output as it is."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")
    sys.stdout.flush()


def emit_json(text: str) -> None:
    """Write JSON to standard output; what could drive a terminal becomes `\\u` escapes."""
    lines = (line if line.isprintable() else _escaped(line) for line in text.split("\n"))
    emit("\n".join(lines))


def complain(error: GenebankError) -> None:
    """Say on standard error what went wrong, and which names look alike."""
    line = Text("error: ", style="bold red").append_text(shown(error.detail))
    err().print(line, soft_wrap=True)
    if isinstance(error, NotFoundError) and error.near:
        say(f"Did you mean {' or '.join(error.near)}?")


def defect(what: str) -> SetupError:
    """Return the error for something that nobody foresaw."""
    return SetupError(
        "unexpected",
        f"{what}. This is a defect of Genebank: GENEBANK_LOG_LEVEL=debug shows where it happened.",
    )


def heading(text: str) -> None:
    """Write what the next table is about to standard output."""
    out().print(shown(text, "bold"), soft_wrap=True)


def table(columns: Sequence[str], numbers: Sequence[str] = ()) -> Table:
    """Return an empty table; the columns in `numbers` are flush right."""
    made = Table(box=None, pad_edge=False)
    for column in columns:
        justify: Literal["left", "right"] = "right" if column in numbers else "left"
        made.add_column(column, justify=justify, overflow="fold", no_wrap=column not in LONG)
    return made


def _escaped(line: str) -> str:
    return "".join(
        char if char.isprintable() or char == "\t" else json.dumps(char)[1:-1] for char in line
    )
