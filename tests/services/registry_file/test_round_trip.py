"""What is exported and imported into an empty registry is the same there, on both databases."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.dna.protocol import reported_vectors
from app.errors import ConflictError, InputError, NotFoundError
from app.records import Claim, ModelRef
from app.services import batches
from app.services.registry_file import streaming
from app.services.registry_file.importing import import_registry
from app.services.registry_file.reading import is_registry, read_lines
from app.services.registry_file.streaming import registry_lines
from app.services.registry_file.writing import write_pieces
from app.store import entries, models, protocols, references, replicates, schema
from app.store.database import Database
from tests import postgres
from tests.store.making import add_vectors, make_finding
from tests.synthetic import FAMILY, LOCAL, PROTOCOL, add_local


def silent(_stage: str, _done: int, _total: int) -> None:
    pass


@pytest.fixture
def empty(database: Database, tmp_path: Path, postgres_server: str) -> Iterator[Database]:
    """Another registry, of the other kind, with nothing in it."""
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path / 'other.db'}"
        if database.is_sqlite:
            url = stack.enter_context(postgres.fresh_database(postgres_server))
        opened = Database(url)
        stack.callback(opened.close)
        schema.upgrade(opened)
        yield opened


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "PAGE", 2)
    monkeypatch.setattr(batches, "BATCH", 3)


@pytest.fixture
def full(registry: Database) -> Database:
    """Made-up models, one without an entry, a copy, a replicate, and responses that are gone."""
    with registry.write() as session:
        waiting = models.register(session, ModelRef("hf", "org/waits@here", "a" * 40))
        models.add_claims(session, waiting.id, [Claim("licence", "mit", "model card")])
        founder = models.find(session, "founder")
        copy = models.register(session, ModelRef("local", "/models/copy", "0" * 16))
        models.set_content(session, copy.id, founder.digest or "", {"n_parameters": 1000})
        said = [Claim("declared_base", f"base {n}", "submitter") for n in (3, 1, 2)]
        for claim in said:
            models.add_claims(session, copy.id, [claim])
        likelihood = protocols.get(session, "likelihood-v1")
        again = make_finding(founder, likelihood, [[-1.5] * 10] * 100)
        replicates.add(session, 1, [again])
    return registry


def content(database: Database) -> dict[str, Any]:
    """Everything that must come back, in an order of its own."""
    found: dict[str, Any] = {}
    with database.read() as session:
        page = models.page(session, None, 1000)
        claims = models.claims_of_each(session, [model.id for model in page])
        for model in page:
            known = claims.get(model.id, [])
            found[str(model.ref)] = (model.digest, dict(model.details), known)
        for protocol in protocols.every(session):
            listed = entries.oldest(session, protocol)
            strands = entries.strands(session, protocol, listed)
            details = entries.details_of(session, listed)
            owners = models.by_ids(session, [entry.model_id for entry in listed])
            for entry, strand in zip(listed, strands, strict=True):
                again = replicates.strands(session, protocol, entry).tobytes()
                key = f"{protocol.name} {protocol.digest} {owners[entry.model_id].ref}"
                found[key] = (
                    entry.model_digest,
                    entry.evidence,
                    dict(details[entry.id].environment),
                    details[entry.id].notes,
                    strand.tobytes(),
                    entries.dna(session, entry).tobytes(),
                    entries.responses(session, entry),
                    again,
                )
    return found


@pytest.mark.parametrize("name", ["all.jsonl", "all.jsonl.gz"])
def test_everything_comes_back(full: Database, empty: Database, tmp_path: Path, name: str) -> None:
    counts = write_pieces(registry_lines(full), tmp_path / name)
    assert counts == {"models": len(FAMILY) + len(LOCAL) + 2, "entries": 6 + 2 * len(LOCAL)}
    assert is_registry(tmp_path / name)
    told: list[str] = []
    duplicates: list[tuple[str, str]] = []
    imported = import_registry(
        empty,
        tmp_path / name,
        lambda stage, *_: told.append(stage),
        lambda *it: duplicates.append(it),
    )
    assert {part.protocol.name: part.added for part in imported} == {
        PROTOCOL: len(FAMILY),
        "likelihood-v1": len(LOCAL),
        "lexical-v1": len(LOCAL),
    }
    assert content(empty) == content(full)
    assert (set(told), duplicates) == ({"check", "import"}, [])
    before = content(empty)
    again = import_registry(empty, tmp_path / name, silent, lambda *it: duplicates.append(it))
    assert sum(part.added for part in again) == 0
    assert len(duplicates) == sum(part.duplicates for part in again) == counts["entries"]
    assert content(empty) == before


def test_the_order_of_claims_comes_back(full: Database, empty: Database, tmp_path: Path) -> None:
    write_pieces(registry_lines(full), tmp_path / "all.jsonl")
    import_registry(empty, tmp_path / "all.jsonl", silent)
    with full.read() as there, empty.read() as here:
        base = models.declared_bases(there, ["copy"])
        assert base
        assert models.declared_bases(here, ["copy"]) == base


def test_one_protocol_comes_with_its_models_alone(
    full: Database, empty: Database, tmp_path: Path
) -> None:
    write_pieces(registry_lines(full, "likelihood-v1"), tmp_path / "some.jsonl")
    [imported] = import_registry(empty, tmp_path / "some.jsonl", silent)
    assert (imported.protocol.name, imported.added) == ("likelihood-v1", len(LOCAL))
    with empty.read() as session:
        assert [model.name for model in models.page(session, None, 99)] == list(LOCAL)
        assert models.claims_of(session, models.find(session, "founder").id)
    with pytest.raises(NotFoundError, match="no_such_protocol"):
        registry_lines(full, "nothing")


def test_an_import_goes_on_where_another_ended(
    full: Database, empty: Database, tmp_path: Path
) -> None:
    write_pieces(registry_lines(full), tmp_path / "all.jsonl")
    told: list[int] = []

    def killed(stage: str, done: int, _total: int) -> None:
        told.append(done)
        if stage == "import" and done > 14:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_registry(empty, tmp_path / "all.jsonl", killed)
    assert 0 < len(content(empty)) < len(content(full))
    import_registry(empty, tmp_path / "all.jsonl", silent)
    assert content(empty) == content(full)


def test_thirty_models_make_a_reference(
    empty: Database, tmp_path: Path, database: Database
) -> None:
    protocol = reported_vectors("mine", 3)
    add_vectors(database, protocol, np.random.default_rng(0).normal(size=(31, 3)))
    write_pieces(registry_lines(database), tmp_path / "all.jsonl")
    import_registry(empty, tmp_path / "all.jsonl", silent)
    with empty.read() as session:
        assert references.latest(session, protocol).n_models == 31


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("lines")
    database = Database(f"sqlite:///{folder / 'genebank.db'}")
    schema.upgrade(database)
    add_local(database, "one", -1 - np.ones((100, 10)))
    found = b"".join(registry_lines(database, "likelihood-v1")).splitlines()
    database.close()
    assert [next(iter(json.loads(line))) for line in found] == (
        ["format", "protocol", "model", "entry", "end"]
    )
    return found


def patched(line: bytes, **changes: object) -> bytes:
    [(kind, fields)] = json.loads(line).items()
    return json.dumps({kind: {**fields, **changes}}).encode()


BAD = {
    "no object": (3, lambda _: b"[]", "object"),
    "two keys": (3, lambda _: b'{"model": 1, "entry": 2}', "one key"),
    "a stranger": (3, lambda _: b'{"tree": {}}', "'tree'"),
    "no protocol": (2, lambda _: b'{"protocol": {"name": "x"}}', "no protocol"),
    "another protocol": (2, lambda line: patched(line, width=9), "no protocol|digest"),
    "an own name": (2, lambda line: patched(line, name="lexical-v1"), "Genebank's own"),
    "an unknown source": (3, lambda line: patched(line, source="ftp"), "source"),
    "an unknown field": (3, lambda line: patched(line, more=1), "more"),
    "a NUL": (3, lambda line: patched(line, name="a\0b"), "name"),
    "a claim of a stranger": (3, lambda line: patched(line, claims=[{"kind": "x"}]), "claims"),
    "an unknown protocol": (4, lambda line: patched(line, protocol="0" * 64), "no line before"),
    "an unknown level": (4, lambda line: patched(line, evidence="sworn"), "evidence"),
    "no base64": (4, lambda line: patched(line, strand="*"), "strand"),
    "half a strand": (4, lambda line: patched(line, strand="AAAA"), "shape"),
    "no numbers": (4, lambda line: patched(line, strand="/////w==" * 1000), "strand"),
    "too few responses": (4, lambda line: patched(line, responses=[[1.0]]), "1 of 100"),
    "responses that are numbers": (4, lambda line: patched(line, responses=[1] * 100), "text"),
    "more than the end": (5, lambda line: line + b"\n" + line, "after the end"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_line_is_named(lines: list[bytes], tmp_path: Path, what: str) -> None:
    number, change, says = BAD[what]
    changed = [change(line) if n == number else line for n, line in enumerate(lines, 1)]
    (tmp_path / "bad.jsonl").write_bytes(b"\n".join(changed))
    with pytest.raises(InputError, match=rf"bad_line: Line [{number}6]: .*({says})"):
        list(read_lines(tmp_path / "bad.jsonl"))


@pytest.mark.parametrize("left_out", [2, 3, 4])
def test_a_file_that_lacks_lines_is_refused(
    lines: list[bytes], tmp_path: Path, left_out: int
) -> None:
    (tmp_path / "cut.jsonl").write_bytes(b"\n".join(lines[:left_out] + lines[left_out + 1 :]))
    with pytest.raises(InputError, match="cut_short"):
        list(read_lines(tmp_path / "cut.jsonl"))


def test_nothing_of_a_bad_file_is_stored(
    lines: list[bytes], tmp_path: Path, empty: Database
) -> None:
    (tmp_path / "cut.jsonl").write_bytes(b"\n".join(lines[:-1]))
    with pytest.raises(InputError, match="cut_short"):
        import_registry(empty, tmp_path / "cut.jsonl", silent)
    assert content(empty) == {}


def test_other_content_under_the_same_ref_is_a_conflict(
    lines: list[bytes], tmp_path: Path, empty: Database
) -> None:
    (tmp_path / "all.jsonl").write_bytes(b"\n".join(lines))
    with empty.write() as session:
        model = models.register(session, ModelRef("local", "/models/one", "0" * 16))
        models.set_content(session, model.id, "another digest", {})
    with pytest.raises(ConflictError, match="other_content"):
        import_registry(empty, tmp_path / "all.jsonl", silent)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine")
    with pytest.raises(InputError, match="exists_already"):
        write_pieces(iter(()), tmp_path / "there")
    with pytest.raises(InputError, match="unwritable"):
        write_pieces(iter(()), tmp_path / "there" / "below")
