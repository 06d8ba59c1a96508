"""Evaluations of files and of the registry, from small made-up families."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app.dna.strand import Strand
from app.errors import ConflictError, GenebankError, InputError, NotFoundError
from app.evaluation.lineage_file import LineageRow
from app.evaluation.report import Evaluation
from app.records import ModelRef
from app.services.evaluation.entries import of_registry
from app.services.evaluation.evaluating import How, Lineages, evaluate_files, evaluate_registry
from app.services.evaluation.models import MOST_MODELS, read_lineage, require_few
from app.services.import_file import Method, import_file
from app.store import entries, models, protocols
from app.store.database import Database
from tests.evaluation.making import made_families, made_protocol, write_answers, write_lineage

SIZES = [4, 3, 2] * 8
HOW = How(replicates=20)
Files = tuple[Path, Path, Path]


def _quiet(stage: str, done: int, total: int) -> None:
    assert stage


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return write_answers(tmp_path, SIZES)


def _of_files(files: Files, reference: Path | None = None) -> Evaluation:
    lineage, answers, probes = files
    return evaluate_files(Lineages(lineage, reference), answers, probes, HOW, _quiet)


def _rewrite(lineage: Path, change: Callable[[str], str]) -> None:
    header, *lines = lineage.read_text().splitlines()
    lineage.write_text("\n".join([header, *filter(None, map(change, lines))]))


def test_families_are_found(files: Files) -> None:
    found = _of_files(files)
    taken = found.taken
    assert (taken.n_models, taken.n_known, taken.folds) == (72, 72, 4)
    assert taken.n_reference >= 30
    assert taken.pairs["same_base"] == 8 * (6 + 3 + 1)
    assert found.value("same_base", "auc") == 1
    assert found.value("parent_at_5") == 1
    assert found.value("parent_at_1") == found.value("parent_at_1_undated")
    assert found.interval("same_base", "auc") == [1, 1]
    assert found.value("quartets", "same_base") == found.value("quartets", "direct") == 1
    assert found.interval("quartets", "direct") == [1, 1]
    assert taken.quartets == dict.fromkeys(("direct", "same_base"), (80**2 - 8 * 46) // 2)
    assert found.seconds > 0
    assert found.warnings == ()


def test_an_evaluation_is_repeated_exactly(files: Files) -> None:
    one, other = _of_files(files), _of_files(files)
    assert one.figures == other.figures
    assert one.intervals == other.intervals


def test_the_registry_gives_what_the_file_gives(files: Files, database: Database) -> None:
    lineage, answers, probes = files
    import_file(database, answers, Method(probes), _quiet)
    found = evaluate_registry(Lineages(lineage), database, "made", HOW, _quiet)
    assert found.figures == pytest.approx(_of_files(files).figures, nan_ok=True)
    assert found.taken == _of_files(files).taken


def test_models_that_the_lineage_lacks_are_population(files: Files, database: Database) -> None:
    lineage, answers, probes = files
    _rewrite(lineage, lambda line: "" if line.startswith(("a", "b", "c")) else line)
    import_file(database, answers, Method(probes), _quiet)
    for found in (
        _of_files(files),
        evaluate_registry(Lineages(lineage), database, "made", HOW, _quiet),
    ):
        assert (found.taken.n_models, found.taken.n_known) == (72, 63)


def test_names_that_mean_nothing_are_left_out(files: Files, database: Database) -> None:
    lineage, answers, probes = files
    import_file(database, answers, Method(probes), _quiet)
    strangers = "".join(f"zz{i}\tzz-7b\t\n" for i in range(12))
    lineage.write_text(lineage.read_text() + "a00\taa-7b\n" + strangers)
    for found in (
        _of_files(files),
        evaluate_registry(Lineages(lineage), database, "made", HOW, _quiet),
    ):
        [warning] = found.warnings
        assert warning.startswith("Left out: 13 models unknown: a00 (did you mean a0")
        assert warning.endswith("and 3 more.")
        assert len(found.left_out) == 13
        assert found.taken.n_models == 72


def test_models_without_an_entry_are_left_out(files: Files, database: Database) -> None:
    lineage, answers, probes = files
    import_file(database, answers, Method(probes), _quiet)
    other = answers.with_name("others.jsonl")
    other.write_text('{"model": "late", "vector": [1, 2]}\n')
    import_file(database, other, Method(), _quiet)
    lineage.write_text(lineage.read_text() + "late\taa-7b\n")
    found = evaluate_registry(Lineages(lineage), database, "made", HOW, _quiet)
    assert found.warnings == ("Left out: 1 model without an entry under made: late.",)
    assert found.left_out == ("late",)


def test_a_reference_of_other_models(files: Files, database: Database) -> None:
    lineage, answers, probes = files
    import_file(database, answers, Method(probes), _quiet)
    rows = read_lineage(lineage).rows
    one = write_lineage(lineage.with_name("one.tsv"), [row for row in rows if row.base < "m"])
    # One family more, which is also evaluated: it is left out of the reference.
    other = write_lineage(lineage.with_name("two.tsv"), [row for row in rows if row.base >= "l"])
    by_file = _of_files((one, answers, probes), other)
    by_registry = evaluate_registry(Lineages(one, other), database, "made", HOW, _quiet)
    for found in (by_file, by_registry):
        assert (found.taken.n_models, found.taken.folds) == (36, None)
        assert found.taken.n_reference == 36
        assert found.value("same_base", "auc") == 1
        assert found.value("p_value_calibration", "0.01") is not None
        assert found.warnings == ("Left out of the reference, since they are evaluated: 2 models.",)
    assert by_file.figures == pytest.approx(by_registry.figures, nan_ok=True)
    with pytest.raises(InputError, match=r"needs 30 models .* here are 0") as caught:
        _of_files((one, answers, probes), one)
    assert caught.value.code == "small_reference"


def test_too_few_for_a_reference_give_scores_without_p_values(tmp_path: Path) -> None:
    found = _of_files(write_answers(tmp_path, [4, 3, 2]))
    assert (found.taken.folds, found.taken.n_reference) == (None, 0)
    assert found.value("same_base", "auc") == 1
    assert found.as_json()["p_value_calibration"] is None


def test_vectors_are_evaluated_too(tmp_path: Path) -> None:
    strands, rows = made_families(SIZES)
    vectors = tmp_path / "vectors.jsonl"
    lines = [
        f'{{"model": "{row.model}", "vector": {strand.ravel().tolist()}}}'
        for row, strand in zip(rows, strands, strict=True)
    ]
    vectors.write_text("\n".join(lines))
    lineage = write_lineage(tmp_path / "lineage.tsv", rows)
    found = evaluate_files(Lineages(lineage), vectors, None, HOW, _quiet)
    assert found.taken.protocol.name == "vectors"
    assert found.value("same_base", "auc") == 1


def test_a_model_of_one_answer_is_flagged_and_never_matched(files: Files) -> None:
    lineage, answers, probes = files
    lines = answers.read_text(encoding="utf-8").splitlines()
    canned = [json.loads(line) for line in lines]
    for one in canned[:2]:
        one["answers"] = ["I would rather not say, if you do not mind."] * len(one["answers"])
    answers.write_text("\n".join(map(json.dumps, canned)), encoding="utf-8")
    found = evaluate_files(Lineages(lineage), answers, probes, HOW, _quiet)
    flagged = found.taken.flagged["same_base"]
    assert flagged > 0
    assert found.taken.pairs["same_base"] == 8 * (6 + 3 + 1) - flagged
    assert found.value("same_base", "auc") == 1


def _one_series(line: str) -> str:
    model, base, parent = line.split("\t")
    return f"{model}\tqwen-{base}\t{parent}"


BAD: dict[str, tuple[Callable[[str], str], str]] = {
    "one series": (_one_series, "one_family"),
    "no known base": (lambda line: line.split("\t")[0] + "\tunknown\t", "no_bases"),
    "one known base": (lambda line: line if line[:2] == "a0" else "", "no_bases"),
    "no model that is there": (lambda line: f"x{line}", "no_models"),
    "no model at all": (lambda _: "", "no_models"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_tells_nothing_is_refused(files: Files, database: Database, what: str) -> None:
    change, code = BAD[what]
    lineage, answers, probes = files
    _rewrite(lineage, change)
    import_file(database, answers, Method(probes), _quiet)
    for ask in (
        lambda: _of_files(files),
        lambda: evaluate_registry(Lineages(lineage), database, "made", HOW, _quiet),
    ):
        with pytest.raises(InputError) as caught:
            ask()
        assert caught.value.code == code


def test_one_model_has_nothing_to_be_compared_with(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        _of_files(write_answers(tmp_path, [1]))
    assert caught.value.code == "one_model"


def test_two_names_of_one_model_are_refused(files: Files, database: Database) -> None:
    lineage, answers, probes = files
    import_file(database, answers, Method(probes), _quiet)
    lineage.write_text(lineage.read_text() + "import:a0\taa-7b\n")
    with pytest.raises(InputError, match="'a0' and 'import:a0' are one model"):
        evaluate_registry(Lineages(lineage), database, "made", HOW, _quiet)


def test_a_file_and_a_protocol_must_be_there(files: Files, database: Database) -> None:
    lineage, answers, probes = files
    missing: list[tuple[type[GenebankError], Callable[[], Evaluation]]] = [
        (InputError, lambda: _of_files((lineage.with_name("none"), answers, probes))),
        (InputError, lambda: _of_files((lineage, lineage.with_name("none"), probes))),
        (InputError, lambda: _of_files(files, lineage.with_name("none"))),
        (
            NotFoundError,
            lambda: evaluate_registry(Lineages(lineage), database, "none", HOW, _quiet),
        ),
    ]
    for kind, ask in missing:
        with pytest.raises(kind, match="none"):
            ask()


def test_there_is_a_bound_on_models() -> None:
    require_few(MOST_MODELS)
    with pytest.raises(InputError) as caught:
        require_few(MOST_MODELS + 1)
    assert caught.value.code == "too_many_models"


def test_a_model_beside_the_lineage_goes_before_others_of_its_name(
    tmp_path: Path, database: Database
) -> None:
    """Two nurseries have models of the same names; each has a lineage of its own."""
    strands, rows = made_families(SIZES[:6])
    for seed, folder in enumerate(("first", "second")):
        (tmp_path / folder).mkdir()
        write_lineage(tmp_path / folder / "lineage.tsv", rows)
        _store(database, tmp_path / folder, rows, np.roll(strands, seed, axis=1))
    lineages = [tmp_path / folder / "lineage.tsv" for folder in ("first", "second")]
    with database.read() as session:
        loaded = [
            of_registry(session, "made", read_lineage(lineage), with_others=False)
            for lineage in lineages
        ]
    assert not set(loaded[0].keys) & set(loaded[1].keys)
    elsewhere = write_lineage(tmp_path / "lineage.tsv", rows)
    with pytest.raises(ConflictError, match="say which"):
        evaluate_registry(Lineages(elsewhere), database, "made", HOW, _quiet)
    both = evaluate_registry(Lineages(lineages[0]), database, "made", HOW, _quiet)
    assert (both.taken.n_models, both.taken.n_known) == (36, 18)


def _store(database: Database, folder: Path, rows: list[LineageRow], strands: np.ndarray) -> None:
    with database.write() as session:
        protocol = protocols.ensure(session, made_protocol())
        for row, strand in zip(rows, strands, strict=True):
            model = models.register(session, ModelRef("local", str(folder / row.model), "0" * 16))
            model = models.set_content(session, model.id, f"{folder.name} {row.model}", {})
            values = Strand(protocol.digest, strand.astype(protocol.dtype))
            finding = entries.Finding(model, protocol, values, [""] * 8, "weights", {})
            entries.add(session, [finding])
