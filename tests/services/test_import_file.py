"""Imports: a file is stored whole or not at all, once, however often and wherever it is run."""

from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from app.dna.probes import ProbeSet
from app.dna.protocol import builtins, reported_answers
from app.dna.strand import encode
from app.errors import ConflictError, InputError
from app.records import Claim
from app.services import batches as cutting
from app.services.import_file import Method, import_file
from app.services.importing import Imported, Progress
from app.store import entries, models, protocols, references
from app.store.database import Database
from app.store.rows import Row
from tests.registering import register_local
from tests.services.files import (
    BAD_ANSWERS,
    BAD_VECTORS,
    answers_line,
    vector_line,
    write_lines,
    write_probes,
)
from tests.store.threads import at_once


class Killed(BaseException):
    """As if the process had ended."""


def silent(_stage: str, _done: int, _total: int) -> None:
    pass


@pytest.fixture
def probes(tmp_path: Path) -> Path:
    return write_probes(tmp_path / "probes.json")


def run(
    database: Database, path: Path, probes: Path | None = None, name: str | None = None
) -> Imported:
    return import_file(database, path, Method(probes, name), silent)


def population(database: Database) -> dict[str, int]:
    """Number of rows of each table that has any."""
    with database.read() as session:
        counts = {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Row.metadata.tables.items()
        }
    return {name: count for name, count in counts.items() if count}


def test_answers_become_entries(database: Database, tmp_path: Path, probes: Path) -> None:
    lines = [answers_line("acme/wolf", released="2024-05"), answers_line("heron", ["a", "", "ü"])]
    done: list[tuple[str, int, int]] = []
    imported = import_file(
        database,
        write_lines(tmp_path / "a.jsonl.gz", lines),
        Method(probes),
        lambda *it: done.append(it),
    )
    assert (imported.added, imported.duplicates) == (2, 0)
    assert imported.protocol == reported_answers(ProbeSet("mine", ("mine 0", "mine 1", "mine 2")))
    assert done == [("check", 1, 0), ("check", 2, 0), ("import", 2, 2)]
    with database.read() as session:
        heron = models.find(session, "heron")
        entry = entries.get(session, heron, imported.protocol)
        assert entries.responses(session, entry) == ["a", "", "ü"]
        [strand] = entries.strands(session, imported.protocol, [entry])
        assert (strand == encode(imported.protocol, ["a", "", "ü"]).values).all()
        assert (entry.evidence, entry.seq, heron.ref.source) == ("reported", 2, "import")
        wolf = models.find(session, "wolf")
        assert models.claims_of(session, wolf.id) == [Claim("released", "2024-05", "import")]


def test_vectors_become_entries(database: Database, tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "elsewhere.jsonl", [vector_line("a"), vector_line("b", [3, 4, 5])]
    )
    imported = run(database, path)
    assert (imported.added, imported.protocol.name) == (2, "elsewhere")
    assert run(database, path, name="again").protocol.name == "again"
    with database.read() as session:
        entry = entries.get(session, models.find(session, "b"), imported.protocol)
        assert entries.dna(session, entry).tolist() == [3, 4, 5]


def test_what_is_there_is_a_duplicate(database: Database, tmp_path: Path, probes: Path) -> None:
    first = write_lines(tmp_path / "first", [answers_line("a"), answers_line("b")])
    assert run(database, first, probes).added == 2
    before = population(database)
    again = run(database, first, probes)
    assert (again.added, again.duplicates) == (0, 2)
    assert population(database) == before
    lines = [answers_line("b"), answers_line("c"), answers_line("a", ["other", "answers", "now"])]
    third = run(database, write_lines(tmp_path / "second", lines), probes)
    assert (third.added, third.duplicates) == (2, 1)
    with database.read() as session:
        newest = entries.get(session, models.find(session, "a"), third.protocol)
        assert entries.responses(session, newest) == ["other", "answers", "now"]


def test_equal_answers_of_two_labels_are_two_models(
    database: Database, tmp_path: Path, probes: Path
) -> None:
    lines = [answers_line("a", ["x", "y", "z"]), answers_line("b", ["x", "y", "z"])]
    assert run(database, write_lines(tmp_path / "file", lines), probes).added == 2


def test_nothing_is_stored_of_a_file_with_a_bad_line(
    database: Database, tmp_path: Path, probes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cutting, "BATCH", 1)
    for line, _ in BAD_ANSWERS.values():
        lines = [answers_line("first"), answers_line("second"), line]
        with pytest.raises(InputError, match="bad_line: Line 3"):
            run(database, write_lines(tmp_path / "file", lines), probes)
    for line, _ in BAD_VECTORS.values():
        lines = [vector_line("first"), vector_line("second"), line]
        with pytest.raises(InputError, match="bad_line: Line 3"):
            run(database, write_lines(tmp_path / "file", lines))
    cut = write_lines(tmp_path / "cut.gz", [answers_line(f"m{i}") for i in range(999)])
    cut.write_bytes(cut.read_bytes()[:-40])
    with pytest.raises(InputError, match="unreadable_file"):
        run(database, cut, probes)
    assert population(database) == {}


def test_a_file_of_another_kind_is_refused_and_nothing_stored(
    database: Database, tmp_path: Path, probes: Path
) -> None:
    answers = write_lines(tmp_path / "answers", [answers_line("a")])
    vectors = write_lines(tmp_path / "vectors", [vector_line("a")])
    (tmp_path / "bad.json").write_text('{"name": "x"}')
    refused = [
        (answers, None, None, "bad_usage"),
        (vectors, probes, None, "bad_usage"),
        (answers, tmp_path / "missing.json", None, "unreadable_file"),
        (answers, tmp_path / "bad.json", None, "bad_probe_set"),
        (answers, probes, "x" * 101, "bad_probe_set"),
        (answers, probes, "a\nb", "bad_probe_set"),
        (vectors, None, "a\nb", "bad_label"),
        (write_lines(tmp_path / "one", [vector_line("a", [1])]), None, None, "bad_vector"),
        (write_lines(tmp_path / "none", [vector_line("a", [])]), None, None, "bad_vector"),
        (tmp_path / "missing", probes, None, "unreadable_file"),
        (write_lines(tmp_path / "empty", []), probes, None, "empty_file"),
    ]
    for path, with_probes, name, code in refused:
        with pytest.raises(InputError) as error:
            run(database, path, with_probes, name)
        assert error.value.code == code, path
    assert population(database) == {}


def test_a_name_is_kept_for_its_protocol(database: Database, tmp_path: Path, probes: Path) -> None:
    path = write_lines(tmp_path / "file", [answers_line("a")])
    run(database, path, probes)
    others = tmp_path / "others.json"
    write_probes(others, name="others")
    with pytest.raises(ConflictError, match="name_taken"):
        run(database, path, others, name="mine")
    assert run(database, path, probes, name="another").protocol.name == "mine"
    assert run(database, path, others).protocol.name == "others"


def test_genebanks_own_names_are_not_given_away(
    database: Database, tmp_path: Path, probes: Path
) -> None:
    (tmp_path / "model").mkdir()
    answers = write_lines(tmp_path / "answers", [answers_line("a")])
    vectors = write_lines(tmp_path / "vectors", [vector_line("a")])
    for own in builtins():
        for path, with_probes in ((answers, probes), (vectors, None)):
            with pytest.raises(ConflictError, match="name_taken"):
                run(database, path, with_probes, name=own.name)
    register_local(database, tmp_path / "model")


def stopping_after(batches: int) -> Progress:
    seen: list[int] = []

    def progress(stage: str, _done: int, _total: int) -> None:
        seen.extend([1] * (stage == "import"))
        if len(seen) == batches:
            raise Killed

    return progress


@pytest.mark.parametrize("batches", [1, 3])
def test_an_import_that_was_killed_goes_on(
    database: Database,
    tmp_path: Path,
    probes: Path,
    monkeypatch: pytest.MonkeyPatch,
    batches: int,
) -> None:
    monkeypatch.setattr(cutting, "BATCH", 2)
    path = write_lines(tmp_path / "file", [answers_line(f"m{i}") for i in range(7)])
    with pytest.raises(Killed):
        import_file(database, path, Method(probes), stopping_after(batches))
    assert population(database)["entries"] == 2 * batches
    rest = run(database, path, probes)
    assert (rest.added, rest.duplicates) == (7 - 2 * batches, 2 * batches)
    whole = {"protocols": 1, "models": 7, "entries": 7, "strands": 7, "dna": 7, "responses": 7}
    assert population(database) == whole
    with database.read() as session:
        stored = entries.oldest(session, rest.protocol, 99)
        owners = models.by_ids(session, [entry.model_id for entry in stored])
    assert [owners[entry.model_id].name for entry in stored] == [f"m{i}" for i in range(7)]


def test_imports_at_once_store_everything_once(
    database: Database, tmp_path: Path, probes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cutting, "BATCH", 4)
    lines = [answers_line(f"m{i}", released="2024-05") for i in range(24)]
    # Read from the front and from the back, two imports meet as often as they can.
    paths = [write_lines(tmp_path / f"file{i}", lines[:: 1 - 2 * (i % 2)]) for i in range(4)]
    imported = at_once(lambda number: run(database, paths[number], probes), 4)
    assert sum(one.added for one in imported) == 24
    assert sum(one.duplicates for one in imported) == 3 * 24
    assert population(database)["entries"] == population(database)["models"] == 24


def test_thirty_models_make_a_reference(database: Database, tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(30, 3))
    lines = [vector_line(f"m{i}", row.tolist()) for i, row in enumerate(rows)]
    for n, version in ((29, 0), (30, 1)):
        protocol = run(database, write_lines(tmp_path / "v.jsonl", lines[:n])).protocol
        with database.read() as session:
            reference = references.latest(session, protocols.get(session, protocol.digest))
        assert (reference.version, reference.n_models) == (version, 30 * version)
    assert np.allclose(reference.mean[0], rows.mean(axis=0), atol=1e-6)
