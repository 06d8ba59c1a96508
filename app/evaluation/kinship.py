"""What a lineage says of pairs of models: which are related, how, and which surely are not."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from itertools import takewhile

import numpy as np
import numpy.typing as npt

from app.evaluation.lineage_file import COPY, FOUNDER, LineageRow

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Kinship:
    """Pairs of n models of known base, each a symmetric (n, n) mask without the diagonal.

    `unrelated` are pairs of different series, or of different base where all are copies;
    `direct` are parent and child, or siblings by one specific parent. `parents[i, j]` says that j
    is a specific parent of i, `later[i, j]` that j was released after i; these two are not
    symmetric. `families` (n,) are the labels by which models are set apart and resampled.
    """

    families: tuple[str, ...]
    same_base: Mask
    direct: Mask
    unrelated: Mask
    parents: Mask
    later: Mask

    def counts(self, chosen: Mask) -> dict[str, int]:
        """How many of the chosen pairs (n, n), symmetric, are of each kind."""
        kinds = {"same_base": self.same_base, "direct": self.direct, "unrelated": self.unrelated}
        return {name: int(np.triu(mask & chosen).sum()) for name, mask in kinds.items()}

    def without(self, flagged: Mask) -> "Kinship":
        """Leave these pairs (n, n), symmetric, out of everything that is counted."""
        return replace(
            self,
            same_base=self.same_base & ~flagged,
            direct=self.direct & ~flagged,
            unrelated=self.unrelated & ~flagged,
            parents=self.parents & ~flagged,
        )


def kinship(rows: Sequence[LineageRow], lineage: Sequence[LineageRow]) -> Kinship:
    """What a whole lineage says of the pairs of some models of it, all of known base."""
    bases = np.array([row.base.lower() for row in rows])
    same_base = (bases[:, None] == bases) & ~np.eye(len(rows), dtype=bool)
    families = families_of(rows, lineage)
    labels = np.array(families)
    different = (labels[:, None] != labels) if are_copies(lineage) else _apart(labels)
    direct, parents = _direct(rows, {row.model for row in lineage})
    days = [row.released for row in rows]
    return Kinship(
        families=families,
        same_base=same_base,
        direct=direct,
        # A merge of two series is related to both.
        unrelated=different & ~direct,
        parents=parents,
        later=_later(days),
    )


def are_copies(lineage: Sequence[LineageRow]) -> bool:
    """Whether models of one base are copies of the same weights, so that bases are families."""
    return all(row.relation == COPY for row in lineage if row.has_base)


def families_of(rows: Sequence[LineageRow], lineage: Sequence[LineageRow]) -> tuple[str, ...]:
    """The family of each model: its series, or its base where all are copies; "" if not known."""
    copies = are_copies(lineage)
    founders = {row.model for row in lineage if row.relation == FOUNDER}

    def family(row: LineageRow) -> str:
        if not row.has_base:
            return ""
        return row.base.lower() if copies else series_of(row, founders)

    return tuple(map(family, rows))


def series_of(row: LineageRow, founders: Set[str] = frozenset()) -> str:
    """The series of a model: as the lineage says, or the letters that its base begins with.

    So qwen1.5-72b is of the series qwen, like qwen-7b: makers train their models on much the
    same texts, so bases of one series are no clear negatives. A base that is itself a model of
    the file, a founder (as in a nursery), is a series of its own.
    """
    if row.series:
        return row.series
    base = row.base.lower()
    if row.base in founders:
        return base
    return "".join(takewhile(str.isalpha, base)) or base


def _apart(series: npt.NDArray[np.str_]) -> Mask:
    """Pairs whose series differ for sure: neither name contains the other (codellama, llama)."""
    names, codes = np.unique(series, return_inverse=True)
    apart = np.array([[a not in b and b not in a for b in names] for a in names], dtype=bool)
    return np.asarray(apart.reshape(len(names), len(names))[np.ix_(codes, codes)])


def _direct(rows: Sequence[LineageRow], models: Set[str]) -> tuple[Mask, Mask]:
    """Direct pairs, and which model is a specific parent of which."""
    index = {row.model: number for number, row in enumerate(rows)}
    specific = [_specific(row, models) for row in rows]
    codes = {name: code for code, name in enumerate(sorted(set().union(*specific)))}
    has = np.zeros((len(rows), len(codes)), dtype=np.float32)
    parents = np.zeros((len(rows), len(rows)), dtype=bool)
    for child, names in enumerate(specific):
        has[child, [codes[name] for name in names]] = 1
        parents[child, [index[name] for name in names if name in index]] = True
    siblings = (has @ has.T > 0) & ~np.eye(len(rows), dtype=bool)
    return siblings | parents | parents.T, parents


def _specific(row: LineageRow, models: Set[str]) -> set[str]:
    """Parents that are one model, not only the name of a base."""
    return {
        name
        for name in row.parents
        if LineageRow(name, name).has_base and (name in models or name.lower() != row.base.lower())
    }


def _later(days: Sequence[str]) -> Mask:
    """[i, j]: j was released after i; dates are compared as far as both are known."""
    released = np.array(days, dtype="U10")
    months = released.astype("U7")
    known = months != ""
    precise = np.char.str_len(released) == len("2024-05-01")
    later = months[None] > months[:, None]
    within = (months[None] == months[:, None]) & precise[:, None] & precise
    later |= within & (released[None] > released[:, None])
    return np.asarray(later & known[:, None] & known)
