"""Kinship: what counts as related, as unrelated, and as neither."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evaluation.kinship import Kinship, families_of, kinship, series_of
from app.evaluation.lineage_file import LineageRow

NAMES = ["a", "b", "c", "d", "e"]
ROWS = st.lists(
    st.builds(
        LineageRow,
        model=st.sampled_from(NAMES),
        base=st.sampled_from(["llama-7b", "llama-13b", "codellama-7b", "qwen2-7b", "a"]),
        parents=st.lists(st.sampled_from([*NAMES, "qwen2-7b", "x"]), max_size=2, unique=True).map(
            tuple
        ),
        relation=st.sampled_from(["founder", "finetune", "copy"]),
        released=st.sampled_from(["", "2024-01", "2024-02", "2024-02-03", "2024-02-20"]),
    ),
    min_size=2,
    unique_by=lambda row: row.model,
)


@given(ROWS)
def test_pairs_are_symmetric_and_of_one_kind(rows: list[LineageRow]) -> None:
    kin = kinship(rows, rows)
    for mask in (kin.same_base, kin.direct, kin.unrelated):
        assert (mask == mask.T).all()
        assert not (mask & kin.unrelated).any() or mask is kin.unrelated
    assert not np.diag(kin.same_base | kin.unrelated).any()
    families = np.array(kin.families)
    assert (families[:, None] != families)[kin.unrelated].all()


@given(ROWS)
def test_kinship_of_some_models_is_that_among_all(rows: list[LineageRow]) -> None:
    some = slice(None, None, 2)
    whole, part = kinship(rows, rows), kinship(rows[some], rows)
    assert part.families == whole.families[some]
    for name in ("same_base", "unrelated", "parents", "later", "direct"):
        assert (getattr(part, name) == getattr(whole, name)[some, some]).all()


@given(ROWS)
def test_nobody_comes_later_than_one_who_comes_later(rows: list[LineageRow]) -> None:
    later = kinship(rows, rows).later
    assert not (later & later.T).any()
    for i, j in product(range(len(rows)), repeat=2):
        days = rows[i].released, rows[j].released
        n = min(map(len, days))
        assert later[i, j] == (n > 0 and days[1][:n] > days[0][:n])


@pytest.mark.parametrize(
    ("base", "series"),
    [
        ("qwen1.5-72b", "qwen"),
        ("Llama2-7b", "llama"),
        ("gpt-4", "gpt"),
        ("01-ai", "01-ai"),
    ],
)
def test_a_series_is_what_a_base_begins_with(base: str, series: str) -> None:
    assert series_of(LineageRow("m", base)) == series


def _of(*lines: tuple[str, str, str, str]) -> tuple[Kinship, list[str]]:
    rows = [
        LineageRow(name, base, tuple(filter(None, parent.split(","))), relation)
        for name, base, parent, relation in lines
    ]
    return kinship(rows, rows), [row.model for row in rows]


def _pairs(mask: np.ndarray, names: list[str]) -> set[str]:
    return {f"{names[i]}{names[j]}" for i, j in zip(*np.nonzero(np.triu(mask)), strict=True)}


def test_hubs_models_name_bases_and_parents() -> None:
    kin, names = _of(
        ("p", "mistral-7b", "mistral-7b", "finetune"),
        ("q", "mistral-7b", "p", "finetune"),
        ("r", "mistral-7b", "elsewhere", "finetune"),
        ("s", "mistral-7b", "elsewhere", "finetune"),
        ("t", "codellama-7b", "", ""),
        ("u", "llama-7b", "", ""),
        ("v", "mistral-8x7b", "Mistral-8x7B", "finetune"),
        ("w", "mistral-8x7b", "mistral-8x7b", "finetune"),
    )
    assert _pairs(kin.same_base, names) == {"pq", "pr", "ps", "qr", "qs", "rs", "vw"}
    # The name of a base makes no siblings.
    assert _pairs(kin.direct, names) == {"pq", "rs"}
    # mistral and mistral are one series, llama is a part of codellama.
    assert _pairs(kin.unrelated, names) == {f"{a}{b}" for a, b in product("pqrs", "tu")} | {
        "tv",
        "tw",
        "uv",
        "uw",
    }
    assert [names[i] for i in np.flatnonzero(kin.parents[1])] == ["p"]


def test_founders_are_series_and_parents() -> None:
    kin, names = _of(
        ("x-1", "x-1", "", "founder"),
        ("y", "x-1", "x-1", "finetune"),
        ("z", "x-1", "x-1", "lora"),
        ("x-2", "x-2", "", "founder"),
        ("w", "x-1", "y,x-2", "merge"),
    )
    assert kin.families == ("x-1", "x-1", "x-1", "x-2", "x-1")
    assert _pairs(kin.direct, names) == {"x-1y", "x-1z", "yz", "yw", "x-2w"}
    # A merge is related to both of its parents.
    assert _pairs(kin.unrelated, names) == {"x-1x-2", "yx-2", "zx-2"}
    assert kin.parents[4].tolist() == [False, True, False, True, False]


def test_copies_are_strangers_to_all_other_bases() -> None:
    kin, names = _of(
        ("a", "qwen3-8b", "", "copy"), ("b", "qwen3-8b", "", "copy"), ("c", "qwen3-4b", "", "copy")
    )
    assert _pairs(kin.same_base, names) == {"ab"}
    assert _pairs(kin.unrelated, names) == {"ac", "bc"}
    assert kin.families == ("qwen3-8b", "qwen3-8b", "qwen3-4b")


def test_a_series_may_be_given() -> None:
    rows = [LineageRow("a", "vicuna-7b", series="llama"), LineageRow("b", "llama-7b")]
    assert families_of(rows, rows) == ("llama", "llama")
    assert families_of([LineageRow("c", "unknown", series="llama")], rows) == ("",)
