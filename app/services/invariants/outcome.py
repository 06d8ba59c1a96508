"""How an invariant came out: what was found against it, and how much of that was mended."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.store.database import Session

# So many findings are told, the others counted.
SHOWN = 5

Look = Callable[[Session], Iterable[str]]
Mend = Callable[[Session], int]


@dataclass(frozen=True)
class Invariant:
    """Something that must hold; `mend` is None where nobody can say what was meant."""

    name: str
    look: Look
    mend: Mend | None = None


@dataclass(frozen=True)
class Outcome:
    """`findings` are there now, the first few as `examples`; `mended` were there before."""

    name: str
    findings: int
    examples: tuple[str, ...] = ()
    mended: int = 0


def outcome(name: str, found: Iterable[str], mended: int = 0) -> Outcome:
    """Count what was found, keeping the first few."""
    examples: list[str] = []
    count = 0
    for count, line in enumerate(found, 1):
        if count <= SHOWN:
            examples.append(line)
    return Outcome(name, count, tuple(examples), mended)
