"""A tree as CSV of its splits: for every branch the tips below it, its length and its support.

Tips are a JSON list of names, so any name survives, and no cell begins as a formula of a
spreadsheet does. The branches of the tips are there too: the tree can be built again from it.
"""

import csv
import io
import json

import numpy as np

from app.errors import InputError
from app.phylo.annotated import Annotated
from app.phylo.formats.columns import date, numbers
from app.phylo.spans import spans

# A tree that is as deep as it has tips needs n^2 / 2 names; 50 MB are enough for a table.
MOST_NAMES = 2_000_000
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def write(annotated: Annotated) -> str:
    """Return the table, a line a branch, the root left out; numbers not known are empty.

    Raises InputError `too_many_splits` beyond MOST_NAMES names.
    """
    tree = annotated.tree
    stretches, places = spans(tree)
    if (stretches[:, 1] - stretches[:, 0]).sum() > MOST_NAMES:
        raise InputError(
            "too_many_splits",
            f"The splits of this tree need more than {MOST_NAMES:,} names: take another format.",
        )
    order = np.argsort(places).tolist()
    names = [json.dumps(tree.labels[tip], ensure_ascii=False) for tip in order]
    support = [] if tree.support is None else ["support"]
    columns = [*support, *annotated.branches]
    dates = [] if annotated.dates is None else ["date"]
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["n_tips", "tips", "length", *map(_cell, columns), *dates])
    for node in range(tree.root):
        start, end = stretches[node].tolist()
        known = numbers(annotated, node)
        when = [date(annotated, node)] if dates else []
        tips = "[" + ", ".join(names[start:end]) + "]"
        numbered = [known.get(name) for name in columns]
        table.writerow([end - start, tips, tree.lengths[node], *numbered, *when])
    return text.getvalue()


def _cell(word: str) -> str:
    """A heading that a spreadsheet does not take for a formula."""
    return f"'{word}" if word.startswith(FORMULAS) else word
