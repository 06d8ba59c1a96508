"""A leaf: numbers as people read them."""

from typing import Any

EIGHTHS = " ▏▎▍▌▋▊▉"
NO_NUMBER = "\N{EN DASH}"
UNITS = ("B", "KB", "MB", "GB", "TB")


def number(value: float) -> str:
    """Return a score with three digits."""
    return f"{value:.3f}"


def p_value(value: float | None) -> str:
    """Return a p-value, or a dash where there is none."""
    return NO_NUMBER if value is None else f"{value:.2g}"


def bar(score: float, cells: int = 8) -> str:
    """Return a bar for a score: empty at 0 and below, `cells` wide at 1."""
    whole, part = divmod(round(min(max(score, 0.0), 1.0) * cells * 8), 8)
    return ("█" * whole + EIGHTHS[part]).strip()


def reference(of: dict[str, Any]) -> str:
    """Say which reference a score was computed with."""
    version = of["reference"]["version"]
    return f"reference {version}" if version else "no reference yet"


def size(n_bytes: float) -> str:
    """Return a number of bytes in the unit that suits it."""
    for unit in UNITS:
        if n_bytes < 1000 or unit == UNITS[-1]:
            break
        n_bytes /= 1000
    return f"{n_bytes:.3g} {unit}"
