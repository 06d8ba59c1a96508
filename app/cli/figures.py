"""A leaf: numbers as people read them."""

from typing import Any

EIGHTHS = " ▏▎▍▌▋▊▉"
NO_NUMBER = "\N{EN DASH}"
# Stands beside a score that a rerun of the same model may have.
AS_RERUN = "≈"
AS_RERUN_SAID = f"{AS_RERUN} marks what cannot be told from a rerun."
UNITS = ("B", "KB", "MB", "GB", "TB")


def number(value: float) -> str:
    """Return a score with three digits."""
    return f"{value:.3f}"


def p_value(value: float | None) -> str:
    """Return a p-value, or a dash where there is none."""
    return NO_NUMBER if value is None else f"{value:.2g}"


def standing(value: float | None) -> str:
    """Return how far a pair stands out, or a dash where it is not known."""
    return NO_NUMBER if value is None else f"{value:+.1f}"


def bar(score: float, cells: int = 8) -> str:
    """Return a bar for a score: empty at 0 and below, `cells` wide at 1."""
    whole, part = divmod(round(min(max(score, 0.0), 1.0) * cells * 8), 8)
    return ("█" * whole + EIGHTHS[part]).strip()


def reference(of: dict[str, Any]) -> str:
    """Say which reference a score was computed with."""
    version = of["reference"]["version"]
    return f"reference {version}" if version else "no reference yet"


def as_rerun(of: dict[str, Any]) -> str:
    """Return a sign where a score cannot be told from that of a rerun."""
    return AS_RERUN if of["within_noise"] else ""


def noise(name: str, of: dict[str, Any]) -> str:
    """Say how far a model is from itself."""
    return (
        f"asked {of['replicates'] + 1} times, {name} scores {number(of['mean_score'])} "
        f"(lowest {number(of['lowest_score'])}) with itself"
    )


def size(n_bytes: float) -> str:
    """Return a number of bytes in the unit that suits it."""
    for unit in UNITS:
        if n_bytes < 1000 or unit == UNITS[-1]:
            break
        n_bytes /= 1000
    return f"{n_bytes:.3g} {unit}"


def duration(seconds: float) -> str:
    """Return a time in the largest unit that it fills."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"
