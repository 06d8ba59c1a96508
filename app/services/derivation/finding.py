"""Use case: the derivation graph of some models: who was derived from whom, and how we know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.dna.population import Compared
from app.dna.protocol import Protocol
from app.lineage.claims import support
from app.lineage.derivation import Derivation, derive
from app.lineage.evidence import claim_verdicts, read_evidence
from app.lineage.members import Declared, Evidence, Member
from app.lineage.picture import Picture, make_picture
from app.services.ancestry.declarations import ITSELF, Declarations
from app.services.ancestry.gathering import first_dates
from app.services.derivation.choosing import Chosen, Content
from app.services.derivation.comparing import Comparison, compare_all
from app.store import entries
from app.store.database import Session

F64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Graph:
    """A derivation graph; members, places and the picture's nodes are in the order of `contents`.

    `compared` holds the numbers of all pairs of the contents with an entry, which come first.
    """

    protocol: Protocol
    reference_version: int
    contents: tuple[Content, ...]
    members: tuple[Member, ...]
    derivation: Derivation
    picture: Picture
    compared: Compared


def find_derivation(session: Session, chosen: Chosen) -> Graph:
    """Derive the graph of the chosen models."""
    contents, declarations = chosen.contents, chosen.declarations
    declarations.read(record for content in contents for record in content.records)
    named = _named(contents, declarations)
    known = [content.entry for content in contents if content.entry]
    pairs = [pair for pair in named if max(pair) < len(known)]
    comparison = compare_all(session, chosen.protocol, known, pairs)
    declared = _declared(chosen.protocol, comparison, named)
    members = tuple(_member(content, contents, declarations) for content in contents)
    n_tests = entries.count(session, chosen.protocol.digest) - 1
    evidence = _evidence(chosen.protocol, comparison, n_tests, len(contents))
    derivation = derive(members, evidence, declared)
    return Graph(
        chosen.protocol,
        comparison.reference_version,
        contents,
        members,
        derivation,
        make_picture(members, derivation),
        comparison.compared,
    )


def _named(
    contents: Sequence[Content], declarations: Declarations
) -> dict[tuple[int, int], tuple[str, ...]]:
    """By child and parent, both in the graph: who says so."""
    places = {record.id: i for i, one in enumerate(contents) for record in one.records}
    found: dict[tuple[int, int], tuple[str, ...]] = {}
    for child, content in enumerate(contents):
        for record in content.records:
            for base in declarations.parents(record.id):
                pair = child, places.get(base, child)
                if pair[0] != pair[1]:
                    by = (*found.get(pair, ()), *declarations.sources(record.id, base))
                    found[pair] = tuple(dict.fromkeys(by))
    return found


def _declared(
    protocol: Protocol, comparison: Comparison, named: Mapping[tuple[int, int], tuple[str, ...]]
) -> list[Declared]:
    bases: dict[int, list[int]] = {}
    n = len(comparison.blind)
    for child, parent in named:
        if max(child, parent) < n:
            bases.setdefault(child, []).append(parent)
    told = {
        child: claim_verdicts(protocol, comparison.compared, comparison.blind, child, parents)
        for child, parents in bases.items()
    }
    return [
        Declared(child, parent, by, support(told.get(child, {}).get(parent, "inconclusive")))
        for (child, parent), by in named.items()
    ]


def _member(content: Content, contents: Sequence[Content], declarations: Declarations) -> Member:
    inside = {record.id for one in contents for record in one.records}
    unchecked = ""
    for record in content.records:
        for base in declarations.bases(record):
            where = "" if base.model and base.model.id in inside else "It is not in this graph."
            why = base.missing if base.model is None else where
            if why and why != ITSELF:
                unchecked = unchecked or f"{record.name} names {base.value} as its base. {why}"
    return Member(content.model.name, first_dates(declarations, content.records), unchecked)


def _evidence(protocol: Protocol, comparison: Comparison, n_tests: int, n: int) -> Evidence:
    """Of all n members: those without an entry, which come last, may be anybody's relatives."""
    known = read_evidence(
        protocol, comparison.compared, comparison.blind, n_tests, comparison.likeness
    )
    n_known = len(comparison.blind)
    if n == n_known:
        return known
    unclear = ~np.eye(n, dtype=bool)
    unclear[:n_known, :n_known] = known.unclear
    related = np.zeros((n, n), dtype=bool)
    related[:n_known, :n_known] = known.related
    likeness = None if known.likeness is None else _widened(known.likeness, n, 0.0)
    return Evidence(related, unclear, _widened(known.distance, n, np.nan), likeness)


def _widened(numbers: F64, n: int, filling: float) -> F64:
    wide = np.full((n, n), filling)
    wide[: len(numbers), : len(numbers)] = numbers
    return wide
