"""Trees that grew in time: tips of several dates, branches as long as their time times a rate."""

import numpy as np

from app.phylo.tree import NO_PARENT, assemble


def clock_tree(rng, n, rate=0.1, noise=0.0, span=3.0):
    """A random tree of n dated tips: the tree, dates of tips (n,), dates of all nodes.

    Tips are released evenly over `span` years up to 2024; going back in time, lineages that
    exist meet in pairs. `noise` spreads branch lengths: their variance is noise^2 times their
    mean (gamma).
    """
    dates = 2024 - span + span * np.sort(rng.random(n))
    times, parents = list(dates), [NO_PARENT] * n
    waiting, alive, now = list(np.argsort(-dates)), [], 2024.0
    while waiting or len(alive) > 1:
        pairs = len(alive) * (len(alive) - 1) / 2
        step = rng.exponential(span / 3 / pairs) if pairs else np.inf
        if waiting and now - step < dates[waiting[0]]:
            now = dates[waiting[0]]
            alive.append(int(waiting.pop(0)))
            continue
        now -= step
        for _ in range(2):
            parents[alive.pop(rng.integers(len(alive)))] = len(parents)
        alive.append(len(parents))
        parents.append(NO_PARENT)
        times.append(now)
    when = np.array(times)
    above = np.array(parents[:-1])
    mean = rate * (when[:-1] - when[above])
    lengths = mean if noise == 0 else rng.gamma(mean / noise**2 + 1e-9, noise**2)
    names = [f"m{tip}" for tip in range(n)] + [None] * (len(parents) - n)
    tree = assemble(names, parents, [*lengths, 0.0])
    return tree, dates, when
