"""Claims of descent, and whether the behaviour of the two models bears them out."""

from typing import Literal

from app.dna.relations import RELATIVES, Verdict

Support = Literal["supported", "contradicted", "undecided"]


def support(verdict: Verdict) -> Support:
    """Whether a verdict on two models supports the claim that one descends from the other.

    `contradicted` says that they are unrelated; what cannot be told stays `undecided`.
    """
    if verdict in RELATIVES:
        return "supported"
    return "contradicted" if verdict == "unrelated" else "undecided"
