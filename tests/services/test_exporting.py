"""What is exported can be imported again, and is the same then."""

import json
from pathlib import Path

import pytest

from app.dna.protocol import lexical_v1, likelihood_v1
from app.dna.strand import encode
from app.errors import InputError, NotFoundError
from app.records import Claim, ModelRef
from app.services import exporting as use_case
from app.services.exporting import Exported, Format, export
from app.services.import_file import Method, import_file
from app.services.import_llm_dna import import_llm_dna
from app.store import entries, models, protocols, schema
from app.store.database import Database
from tests.services.files import answers_line, write_lines, write_probes
from tests.synthetic import FAMILY, LOCAL, PROTOCOL


def silent(_stage: str, _done: int, _total: int) -> None:
    pass


def run(
    database: Database, to: Path, as_format: Format = "llm-dna", protocol: str = PROTOCOL
) -> Exported:
    return export(database, to, as_format=as_format, protocol=protocol, progress=silent)


@pytest.fixture
def other(tmp_path: Path) -> Database:
    """Another registry, with nothing in it."""
    database = Database(f"sqlite:///{tmp_path / 'other.db'}")
    schema.upgrade(database)
    return database


def dna_of(database: Database, label: str, protocol: str) -> list[float]:
    with database.read() as session:
        model = models.find(session, label)
        entry = entries.get(session, model, protocols.get(session, protocol))
        return entries.dna(session, entry).tolist()


def test_signatures_come_back(shared_registry: Database, other: Database, tmp_path: Path) -> None:
    exported = run(shared_registry, tmp_path / "out")
    assert exported.models == len(FAMILY)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        f"{label.replace('/', '_')}_dna.json" for label in FAMILY
    )
    [imported] = import_llm_dna(other, tmp_path / "out", name=None, progress=silent)
    assert imported.added == len(FAMILY)
    for label in FAMILY:
        there = dna_of(other, label, imported.protocol.digest)
        assert there == dna_of(shared_registry, label, PROTOCOL)
    other.close()


def test_a_signature_says_how_it_was_made(shared_registry: Database, tmp_path: Path) -> None:
    run(shared_registry, tmp_path / "out", protocol="likelihood-v1")
    data = json.loads((tmp_path / "out" / "child_dna.json").read_text())
    metadata = data["metadata"]
    assert len(data["signature"]) == metadata["dna_dimension"] == 1000
    assert metadata["model_name"] == "child"
    assert metadata["reduction_method"] is None
    assert metadata["model_metadata"]["evidence"] == "weights"
    assert metadata["extractor_config"]["genebank_protocol_digest"] == likelihood_v1().digest


def test_answers_come_back(shared_registry: Database, other: Database, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(shared_registry, out, "answers").models == len(FAMILY)
    imported = import_file(other, out / "answers.jsonl.gz", Method(out / "probes.json"), silent)
    assert imported.added == len(FAMILY)
    for database in (shared_registry, other):
        with database.read() as session:
            model = models.find(session, "acme/wolf-chat")
            said = {claim.kind: claim.value for claim in models.claims_of(session, model.id)}
            assert said == {"released": "2024-05", "declared_base": "acme/wolf"}
            assert model.digest == models.find(session, "acme/wolf-chat").digest
    assert dna_of(other, "beta/heron", PROTOCOL) == dna_of(shared_registry, "beta/heron", PROTOCOL)
    other.close()


@pytest.mark.parametrize("name", ["v.jsonl", "v.jsonl.gz"])
def test_vectors_come_back(
    shared_registry: Database, other: Database, tmp_path: Path, name: str
) -> None:
    assert run(shared_registry, tmp_path / name, "vectors", "lexical-v1").models == len(LOCAL)
    imported = import_file(other, tmp_path / name, Method(name="theirs"), silent)
    assert imported.protocol.width == lexical_v1().dna_dim
    for label in LOCAL:
        assert dna_of(other, label, "theirs") == dna_of(shared_registry, label, "lexical-v1")
    other.close()


def test_the_most_telling_protocol_is_taken(shared_registry: Database, tmp_path: Path) -> None:
    exported = export(
        shared_registry, tmp_path / "out", as_format="llm-dna", protocol=None, progress=silent
    )
    assert exported.protocol == likelihood_v1()


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_names_that_are_shared_are_told_apart(
    database: Database,
    other: Database,
    tmp_path: Path,
    batch: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(use_case, "BATCH", batch)
    probes = write_probes(tmp_path / "probes.json")
    for number in range(2):
        lines = [
            answers_line("a/b", [str(number)] * 3),
            answers_line("a_b", ["x", "y", str(number)]),
        ]
        path = write_lines(tmp_path / f"{number}.jsonl", lines)
        import_file(database, path, Method(probes), silent)
    run(database, tmp_path / "out", protocol="mine")
    assert len(list((tmp_path / "out").glob("*_dna.json"))) == 4
    [imported] = import_llm_dna(other, tmp_path / "out", name=None, progress=silent)
    assert imported.added == 4
    other.close()


def test_file_names_are_safe_and_unlike(database: Database, tmp_path: Path) -> None:
    labels = ["a/b", "a_b", "A:b", "..", "../../up", "ü" * 200, "猫" * 200]
    probes = write_probes(tmp_path / "probes.json")
    path = write_lines(tmp_path / "a.jsonl", [answers_line(label) for label in labels])
    import_file(database, path, Method(probes), silent)
    run(database, tmp_path / "deep" / "out", protocol="mine")
    written = list((tmp_path / "deep" / "out").iterdir())
    assert len({path.name.lower() for path in written}) == len(labels)
    read = {json.loads(path.read_text())["metadata"]["model_name"] for path in written}
    assert read == set(labels)
    assert list((tmp_path / "deep").iterdir()) == [tmp_path / "deep" / "out"]


def test_odd_claims_are_left_out_of_lines(database: Database, tmp_path: Path) -> None:
    with database.write() as session:
        model = models.register(session, ModelRef("local", "/m/odd", "0" * 16))
        model = models.set_content(session, model.id, "digest", {})
        models.add_claims(session, model.id, [Claim("released", "some day", "model card")])
        protocol = protocols.ensure(session, lexical_v1())
        answers = ["word"] * protocol.n_probes
        strand = encode(protocol, answers)
        finding = entries.Finding(model, protocol, strand, answers, "weights", {})
        entries.add(session, [finding])
    run(database, tmp_path / "v.jsonl", "vectors", "lexical-v1")
    assert set(json.loads((tmp_path / "v.jsonl").read_text())) == {"model", "vector"}


def test_nothing_is_overwritten(shared_registry: Database, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine")
    with pytest.raises(InputError, match="exists_already"):
        run(shared_registry, tmp_path / "there", "vectors")
    assert (tmp_path / "there").read_text() == "mine"


def test_what_a_killed_export_left_does_not_matter(
    shared_registry: Database, tmp_path: Path
) -> None:
    (tmp_path / "out.partial").mkdir()
    (tmp_path / "out.partial" / "old_dna.json").write_text("{}")
    run(shared_registry, tmp_path / "out")
    assert not (tmp_path / "out" / "old_dna.json").exists()


def test_log_probabilities_are_no_answers(shared_registry: Database, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no_answers"):
        run(shared_registry, tmp_path / "out", "answers", "likelihood-v1")
    assert list(tmp_path.glob("out*")) == []


def test_a_place_that_cannot_be_written_is_said(shared_registry: Database, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="unwritable"):
        run(shared_registry, tmp_path / "file" / "out")


def test_an_empty_registry_has_nothing_to_export(other: Database, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no_entries"):
        export(other, tmp_path / "out", as_format="llm-dna", protocol=None, progress=silent)
    other.close()


def test_progress_is_told(shared_registry: Database, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    export(
        shared_registry,
        tmp_path / "out",
        as_format="vectors",
        protocol=PROTOCOL,
        progress=lambda *it: told.append(it),
    )
    assert told == [("export", n + 1, len(FAMILY)) for n in range(len(FAMILY))]
