import csv
import json
import math
from io import StringIO

import numpy as np
import pytest
from hypothesis import given, settings

from app.errors import InputError
from app.phylo.annotated import Annotated
from app.phylo.formats.splits_csv import FORMULAS, write
from app.phylo.tree import NO_PARENT, assemble
from tests.phylo.formats.reading_back import annotations, check, names
from tests.phylo.strategies import caterpillar


def rows(text):
    return list(csv.DictReader(StringIO(text, newline="")))


@given(annotations(names, min_tips=2))
@settings(deadline=None, max_examples=60)
def test_the_tree_can_be_built_again(annotated):
    table = rows(write(annotated))
    clades = [frozenset(json.loads(row["tips"])) for row in table]
    everyone = frozenset(annotated.tree.labels)
    assert [int(row["n_tips"]) for row in table] == [len(clade) for clade in clades]
    above = [*clades, everyone]

    def parent(clade):
        around = [place for place, other in enumerate(above) if clade < other]
        return min(around, key=lambda place: len(above[place]))

    support = [row.get("support", "") for row in table]
    again = assemble(
        [next(iter(clade)) if len(clade) == 1 else None for clade in clades] + [None],
        [parent(clade) for clade in clades] + [NO_PARENT],
        [float(row["length"]) for row in table] + [0.0],
        [math.nan if share == "" else float(share) for share in support] + [math.nan],
    )
    check(annotated, again)


@given(annotations(names))
@settings(deadline=None, max_examples=30)
def test_no_cell_is_a_formula(annotated):
    odd = Annotated(annotated.tree, {"=1+1": np.full(annotated.tree.n_nodes, 0.5)}, annotated.dates)
    for row in csv.reader(StringIO(write(odd), newline="")):
        assert not any(cell.startswith(FORMULAS) for cell in row)


def test_columns(full):
    table = rows(write(full))
    assert [*table[0]] == ["n_tips", "tips", "length", "support", "bootstrap", "date"]
    assert sorted(json.loads(table[3].pop("tips"))) == ["a", "b"]
    assert [*table[3].values()] == ["2", "0.25", "0.95", "0.5", "2023.5"]
    assert [*table[0].values()] == ["1", '["a"]', "0.5", "", "", ""]


def test_trees_too_deep_for_a_table_are_refused():
    assert len(rows(write(Annotated(caterpillar(1000))))) == 1998
    with pytest.raises(InputError) as caught:
        write(Annotated(caterpillar(5000)))
    assert caught.value.code == "too_many_splits"
