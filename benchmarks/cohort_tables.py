"""What was measured on a cohort, as tables of Markdown."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from app.errors import InputError
from app.phylo.side_by_side import side_by_side
from app.phylo.traits import discrete_test
from app.services.rates import Rates
from benchmarks.cohort import Cohort, Grown
from benchmarks.cohort_measures import Kept, Share, known, nearest, oddness, quartets

SEED = 0
HIGH = 0.9


def compared(of: Cohort, other: Grown) -> Iterator[str]:
    """How alike the trees of a cohort are, and how each keeps models of one base together."""
    found = side_by_side(of.ours.tree, other.tree)
    models = known(of)
    yield "| measure | ours | published vectors | ours less published |"
    yield "|---|---|---|---|"
    for name, kept in (
        ("quartets of one base", quartets(models, [of.ours, other])),
        ("nearest has the same base", nearest(models, [of.ours, other])),
    ):
        yield _kept(name, kept)
    odd = [f"{oddness(one):.2f}" for one in (of.ours, other)]
    yield f"| variance of distances that is oddness of either model | {' | '.join(odd)} | |"
    support = np.asarray(of.ours.tree.support)
    known_support = support[~np.isnan(support)]
    yield f"| branches of support {HIGH} or more | {(known_support >= HIGH).sum()} | | |"
    yield ""
    yield "| the two trees | |"
    yield "|---|---|"
    yield f"| Robinson-Foulds, normalised | {found.normalised_robinson_foulds:.2f} |"
    yield f"| clustering information | {found.clustering.similarity:.2f} |"
    yield f"| phylogenetic information | {found.phylogenetic.similarity:.2f} |"
    correlation = found.correlation
    yield f"| cophenetic correlation | {'-' if correlation is None else f'{correlation:.2f}'} |"


def traits(of: Cohort, trees: Mapping[str, Grown]) -> Iterator[str]:
    """Whether each tree follows what is known of the models."""
    yield "| trait | tree | models | kinds | changes, by chance | retention | p |"
    yield "|---|---|---|---|---|---|---|"
    for trait, values in of.traits.items():
        for name, grown in trees.items():
            yield f"| {trait} | {name} | {_tested(grown, values)} |"


def rates(found: Mapping[str, Rates]) -> Iterator[str]:
    """The speeds of families, and whether they differ."""
    yield "| families | models dated | rate a year | 95 % interval | p |"
    yield "|---|---|---|---|---|"
    for grouping, one in found.items():
        for rate in one.rates:
            if rate.rate is not None:
                yield (
                    f"| {rate.family} (same {grouping}) | {rate.n} | {rate.rate:+.3f} | "
                    f"{rate.low:+.3f} to {rate.high:+.3f} | {rate.p_value:.2g} |"
                )
        yield f"| one rate for all (same {grouping}) | | | | {_p_value(one)} |"


def _tested(grown: Grown, values: Sequence[str]) -> str:
    try:
        found = discrete_test(grown.tree, values, SEED)
    except InputError as error:
        if error.code != "bad_trait":
            raise
        return f"{len(list(filter(None, values)))} | {len(set(values) - {''})} | | | inconclusive"
    return (
        f"{found.n} | {found.states} | {found.changes}, {found.expected:.1f} | "
        f"{found.retention:.2f} | {found.p_value:.3f}"
    )


def _p_value(found: Rates) -> str:
    p_value = found.comparison.p_value
    return "inconclusive" if p_value is None else f"{p_value:.2g}"


def _kept(name: str, kept: Kept) -> str:
    verdict = "" if kept.more[0].has_a_sign else ", inconclusive"
    shares = " | ".join(_share(one) for one in kept.shares)
    label = f"{name} (of {kept.shares[0].n:,}; by chance {kept.chance:.2f})"
    return f"| {label} | {shares} | {_share(kept.more[0], '+')}{verdict} |"


def _share(one: Share, sign: str = "") -> str:
    return f"{one.value:{sign}.2f} ({one.low:{sign}.2f} to {one.high:{sign}.2f})"


def joined(tables: Sequence[Iterator[str]]) -> str:
    """The tables, one below the other."""
    return "\n\n".join("\n".join(table) for table in tables)
