"""Verdicts as people read them: the word in its colour, and what speaks against it."""

from typing import Any

from rich.text import Text

from app.cli.console import shown

STYLES = {
    "same weights": "bold green",
    "direct relative": "green",
    "related": "cyan",
    "unrelated": "dim",
    "inconclusive": "yellow",
}


def verdict(of: dict[str, Any]) -> Text:
    """Return the verdict of a pair, with its flags in words."""
    flags = ", ".join(flag.replace("_", " ") for flag in of["flags"])
    told = f"{of['verdict']} ({flags})" if flags else of["verdict"]
    return shown(told, STYLES[of["verdict"]])
