"""Conclusions: what a model's relatives and the reasons for their direction add up to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from app.lineage.direction import UNNAMED, Candidate, Side

Verdict = Literal["found", "none", "inconclusive"]

NEXT: dict[Side, str] = {"ancestor": "parent", "descendant": "child"}
ELSEWHERE: dict[Side, str] = {"ancestor": "came later", "descendant": "came first"}


@dataclass(frozen=True)
class Conclusion:
    """`found`: there are some. `none`: nobody registered is one. `inconclusive`: nobody knows.

    `why` is for people.
    """

    verdict: Verdict
    why: str


@dataclass(frozen=True)
class Rest:
    """What else is known: how many relatives are on the other side, or came first (or later) too
    but stand beside the line; and what is not known.

    `unchecked` says which claim could not be checked, `unclear` whose relation could not be told;
    empty where there is nothing of the kind. `notes` decide nothing and are always told.
    """

    n_elsewhere: int = 0
    n_beside: int = 0
    notes: tuple[str, ...] = ()
    unchecked: str = ""
    unclear: str = ""


def conclude(pool: Sequence[Candidate], side: Side, rest: Rest) -> Conclusion:
    """Conclude from the candidates of one side and of none, the likeliest first.

    Of ancestors the likeliest decides: when nothing says that the nearest came first, the parent
    is not known, whoever else came first; nor when another is claimed to be the parent and that
    claim could not be checked: all who are registered may be siblings. Of descendants any will do.
    """
    found = _concluded(pool, side, rest)
    return replace(found, why=" ".join([found.why, *rest.notes]))


def _concluded(pool: Sequence[Candidate], side: Side, rest: Rest) -> Conclusion:
    directed = [candidate for candidate in pool if candidate.direction == side]
    if side == "descendant" and directed:
        return _found(directed[0], side)
    if rest.unchecked and not (pool and pool[0].rank(side) < UNNAMED):
        doubt = f" {pool[0].name}, the nearest relative, may be a sibling." if pool else ""
        return Conclusion("inconclusive", rest.unchecked + doubt)
    if pool:
        return _found(pool[0], side) if pool[0].direction == side else _open(pool[0], side)
    if rest.unclear:
        return Conclusion("inconclusive", rest.unclear)
    return Conclusion("none", f"No {side} is registered: {_nobody(side, rest)}.")


def _found(first: Candidate, side: Side) -> Conclusion:
    told = _list(reason.detail for reason in first.reasons)
    return Conclusion("found", f"{first.name} is the likeliest {NEXT[side]}: {told}.")


def _open(first: Candidate, side: Side) -> Conclusion:
    if first.direction == "unknown":
        why = (
            f"{first.name} is the nearest relative ({first.verdict}), but nothing says which of "
            "the two came first: neither claims, nor dates, nor behaviour."
        )
    else:
        told = _list(reason.detail for reason in first.reasons if reason.side == side)
        against = _list(reason.detail for reason in first.reasons if reason.side != side)
        why = f"The reasons for {first.name} conflict: {told}; but {against}."
    return Conclusion("inconclusive", why)


def _nobody(side: Side, rest: Rest) -> str:
    told = []
    if rest.n_elsewhere:
        told.append(f"{rest.n_elsewhere} {ELSEWHERE[side]}")
    if rest.n_beside:
        told.append(f"{rest.n_beside} stand beside the line")
    return f"of its relatives {' and '.join(told)}" if told else "no registered model is related"


def _list(texts: Iterable[str]) -> str:
    return ", ".join(texts)
