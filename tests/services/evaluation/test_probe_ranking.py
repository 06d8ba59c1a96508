"""Rankings of the probes of files and of the registry, from small made-up families."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.dna.probes import ProbeSet
from app.dna.protocol import reported_answers
from app.errors import InputError, NotFoundError
from app.evaluation.lineage_file import LineageRow
from app.evaluation.probe_report import RankedProbes
from app.services.evaluation import probe_ranking
from app.services.evaluation.models import Models
from app.services.evaluation.probe_ranking import How, rank_files, rank_models, rank_registry
from app.services.import_file import Method, import_file
from app.store.database import Database
from tests.evaluation.making import N_PROBES, made_families, made_protocol, write_answers

SIZES = [4, 3, 2] * 8
HOW = How(replicates=10)
Files = tuple[Path, Path, Path]
Change = Callable[[LineageRow], LineageRow]


def _quiet(stage: str, done: int, total: int) -> None:
    assert stage


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return write_answers(tmp_path, SIZES)


def _models(
    sizes: list[int], change: Callable[[LineageRow], LineageRow] = lambda row: row
) -> Models:
    strands, rows = made_families(sizes)
    lineage = tuple(map(change, rows))
    return Models(made_protocol(), lineage, tuple(row.model for row in rows), strands)


def _same(one: RankedProbes, other: RankedProbes) -> bool:
    return replace(one, seconds=0).as_json() == replace(other, seconds=0).as_json()


def test_probes_are_ranked(files: Files) -> None:
    found = rank_files(*files, HOW, _quiet)
    assert (found.n_models, found.n_ranked, found.folds) == (72, 72, 4)
    assert found.relation == "direct"
    assert found.has_reference
    assert sorted(found.ranking.order.tolist()) == list(range(N_PROBES))
    assert found.ranking.curve[-1].auc > 0.99
    assert found.seconds > 0


def test_the_registry_gives_what_the_file_gives(files: Files, database: Database) -> None:
    lineage, answers, probes = files
    import_file(database, answers, Method(probes), _quiet)
    assert _same(
        rank_registry(lineage, database, "made", HOW, _quiet), rank_files(*files, HOW, _quiet)
    )
    with pytest.raises(NotFoundError):
        rank_registry(lineage, database, "other", HOW, _quiet)


def test_the_first_probes_make_a_set(files: Files) -> None:
    found = rank_files(*files, HOW, _quiet)
    probes = found.protocol.probe_set.probes
    best = found.first(3)
    assert best.name == "made-first-3"
    assert best.probes == tuple(probes[place] for place in found.ranking.order[:3])
    assert set(found.first(99).probes) == set(probes)


def test_the_report_is_json(files: Files) -> None:
    found = rank_files(*files, HOW, _quiet)
    report = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert [probe["rank"] for probe in report["probes"]] == list(range(1, N_PROBES + 1))
    assert sorted(probe["probe"] for probe in report["probes"]) == list(range(1, N_PROBES + 1))
    assert report["probes"][0]["redundancy"] is None
    assert report["enough"] in [point["n_probes"] for point in report["curve"]]
    assert report["curve"][-1]["n_probes"] == N_PROBES
    low, high = report["power_kept"]["interval"]
    assert low <= report["power_kept"]["value"] <= high


def test_all_of_one_base_are_taken_where_direct_pairs_are_few() -> None:
    found = rank_models(_models(SIZES, lambda row: replace(row, parents=())), HOW, _quiet)
    assert found.relation == "same-base"
    assert found.ranking.n_related == 8 * (6 + 3 + 1)
    chosen = rank_models(_models(SIZES), replace(HOW, relation="same-base"), _quiet)
    assert chosen.relation == "same-base"


def test_a_small_population_is_ranked_by_plain_scores() -> None:
    found = rank_models(_models([3] * 8), HOW, _quiet)
    assert not found.has_reference
    assert found.ranking.curve[-1].auc > 0.8


def test_of_many_models_whole_families_take_part() -> None:
    strands, rows = made_families([20] * 25)
    models = Models(made_protocol(), tuple(rows), tuple(row.model for row in rows), strands)
    found = rank_models(models, HOW, _quiet)
    assert (found.n_models, found.n_ranked) == (500, probe_ranking.MOST_MODELS)
    assert found.ranking.n_related == 20 * (20 * 19 // 2)


@pytest.mark.parametrize(
    ("sizes", "change", "code"),
    [
        ([1] * 40, lambda row: row, "no_relatives"),
        ([40], lambda row: row, "one_family"),
        ([20, 20], lambda row: row, "few_families"),
        ([10, 10] + [1] * 20, lambda row: row, "few_families"),
        ([3] * 15, lambda row: replace(row, base="unknown"), "no_bases"),
    ],
)
def test_what_cannot_be_ranked_by_says_why(sizes: list[int], change: Change, code: str) -> None:
    with pytest.raises(InputError) as caught:
        rank_models(_models(sizes, change), HOW, _quiet)
    assert caught.value.code == code


@pytest.mark.parametrize(("n_probes", "code"), [(1, "few_probes"), (2001, "too_many_probes")])
def test_one_probe_or_too_many_are_refused(n_probes: int, code: str) -> None:
    protocol = reported_answers(ProbeSet("n", tuple(map(str, range(n_probes)))))
    models = replace(
        _models(SIZES), protocol=protocol, strands=np.zeros((72, n_probes, 1), dtype=np.float16)
    )
    with pytest.raises(InputError) as caught:
        rank_models(models, HOW, _quiet)
    assert caught.value.code == code
