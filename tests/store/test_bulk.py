"""Bulk: what is stored by the hundred is what would have been stored one by one."""

from collections.abc import Sequence

import numpy as np
import orjson
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from app.dna.projection import project
from app.dna.protocol import Protocol, reported_vectors
from app.dna.strand import encode
from app.errors import ConflictError
from app.records import Claim, ModelRef
from app.store import bulk, entries, models, protocols, withdrawals
from app.store.bulk import BulkEntry, BulkModel, BulkReplicate
from app.store.bulk_rows import among, insert_rows
from app.store.database import Database, Session
from app.store.rows import ModelRow, ProtocolRow
from app.store.turns import take_turn
from tests.store.making import make_finding, make_model
from tests.store.threads import at_once

PROTOCOL = reported_vectors("mine", 4)
ROWS = np.random.default_rng(0).normal(size=(5, 4))


@pytest.fixture
def protocol(database: Database) -> Protocol:
    with database.write() as session:
        return protocols.ensure(session, PROTOCOL)


def model(label: str, *claims: Claim, digest: str | None = "") -> BulkModel:
    known = f"digest of {label}" if digest == "" else digest
    return BulkModel(ModelRef("import", label, "0" * 16), known, claims, {"of": label})


def entry(model_id: str, label: str, row: Sequence[float] = (1.0, 2.0, 3.0, 4.0)) -> BulkEntry:
    strand = encode(PROTOCOL, [row])
    return BulkEntry(
        model_id=model_id,
        model_digest=f"digest of {label}",
        protocol_digest=PROTOCOL.digest,
        strand=strand.to_bytes(),
        dna=project(strand.values[None], PROTOCOL)[0].astype("<f4").tobytes(),
        responses=bulk.packed(orjson.dumps([row])),
        environment={"made": "here"},
        notes=["a note"],
    )


def add(session: Session, labels: Sequence[str]) -> list[bulk.Stored]:
    take_turn(session)
    ids = bulk.add_models(session, [model(label) for label in labels])
    return bulk.add_entries(
        session, [entry(one, label) for one, label in zip(ids, labels, strict=True)]
    )


def test_it_is_what_one_by_one_would_be(database: Database, protocol: Protocol) -> None:
    rows = [row.tolist() for row in ROWS]
    with database.write() as session:
        findings = [
            make_finding(make_model(session, f"one {n}"), protocol, [row])
            for n, row in enumerate(rows)
        ]
        singly = [one for one, _ in entries.add(session, findings)]
        take_turn(session)
        labels = [f"Org/Two {n}" for n in range(5)]
        ids = bulk.add_models(session, [model(label) for label in labels])
        given = [entry(*it) for it in zip(ids, labels, rows, strict=True)]
        assert bulk.add_entries(session, given) == ["added"] * 5
    with database.read() as session:
        stored = entries.oldest(session, protocol)
        assert [one.seq for one in stored] == list(range(1, 11))
        assert (stored[:5], [one.model_id for one in stored[5:]]) == (singly, ids)
        details = entries.details_of(session, stored)
        for one, other, row in zip(stored[:5], stored[5:], rows, strict=True):
            assert one.evidence == other.evidence
            assert details[one.id].environment == details[other.id].environment
            assert details[one.id].notes == details[other.id].notes
            assert entries.responses(session, other) == entries.responses(session, one) == [row]
            assert (entries.dna(session, other) == entries.dna(session, one)).all()
        strands = entries.strands(session, protocol, stored)
        assert (strands[:5] == strands[5:]).all()
        found = models.find(session, "org/two 3")
        assert models.find(session, "two 3") == found
        assert (found.digest, dict(found.details)) == ("digest of Org/Two 3", {"of": "Org/Two 3"})
        assert abs(found.created_at - models.find(session, "one 1").created_at) < 60


def test_what_is_there_stays(database: Database, protocol: Protocol) -> None:
    with database.write() as session:
        assert add(session, ["a", "b"]) == ["added"] * 2
    with database.write() as session:
        assert add(session, ["b", "c", "c", "a"]) == ["there", "added", "there", "there"]
    with database.read() as session:
        assert [one.seq for one in entries.oldest(session, protocol)] == [1, 2, 3]
        assert len(models.page(session, None, 9)) == 3


def test_what_was_withdrawn_stays_so(database: Database, protocol: Protocol) -> None:
    with database.write() as session:
        add(session, ["a", "b"])
        for label in ("a", "b"):
            withdrawals.withdraw(session, models.find(session, label).id, "forged")
        assert add(session, ["a", "c"]) == ["withdrawn", "added"]
        assert [one.seq for one in entries.oldest(session, protocol)] == [3]
        bulk.add_models(session, [BulkModel(ModelRef("import", "copy", "1"), model("b").digest)])
        assert [one.seq for one in entries.oldest(session, protocol)] == [2, 3]


def test_content_and_claims_are_added_never_replaced(database: Database) -> None:
    first, second = Claim("licence", "mit", "card"), Claim("licence", "gpl", "card")
    with database.write() as session:
        [one] = bulk.add_models(session, [model("a", first, digest=None)])
        assert models.get(session, one).digest is None
        assert bulk.add_models(session, [model("a", second, first)]) == [one]
        assert bulk.add_models(session, [model("a", digest=None)]) == [one]
        known = models.get(session, one)
        assert (known.digest, known.details) == ("digest of a", {"of": "a"})
        assert set(models.claims_of(session, one)) == {first, second}
        with pytest.raises(ConflictError, match="other_content"):
            bulk.add_models(session, [model("a", digest="another")])


def test_the_oldest_of_several_claims_stays_the_oldest(database: Database) -> None:
    said = [Claim("declared_base", base, "card") for base in ("z", "a", "m")]
    with database.write() as session:
        [one] = bulk.add_models(session, [model("a", *said)])
    with database.read() as session:
        assert models.claims_of(session, one) == said


@pytest.mark.usefixtures("protocol")
def test_replicates_come_with_new_entries(database: Database) -> None:
    with database.write() as session:
        [one] = bulk.add_models(session, [model("a")])
        again = BulkReplicate(1, entry(one, "a").strand, {"on": "here"})
        given = BulkEntry(**{**vars(entry(one, "a")), "replicates": [again]})
        assert bulk.add_entries(session, [given]) == ["added"]
        assert bulk.add_entries(session, [given]) == ["there"]
        assert session.execute(text("SELECT number FROM replicates")).all() == [(1,)]


def test_imports_at_once_leave_no_gaps(database: Database, protocol: Protocol) -> None:
    def work(writer: int) -> int:
        new = 0
        for batch in range(4):
            labels = [f"m{(7 * writer + 5 * batch + n) % 30}" for n in range(10)]
            stored = database.transact(lambda session, own=labels: add(session, own))
            new += stored.count("added")
        return new

    counts = at_once(work, 4)
    with database.read() as session:
        seqs = entries.seqs(session, protocol.digest)
        assert seqs == list(range(1, sum(counts) + 1))
        assert session.scalar(select(func.count()).select_from(ModelRow)) == len(seqs)


def test_a_row_that_is_there_is_an_integrity_error_and_changes_nothing(database: Database) -> None:
    table = ProtocolRow.metadata.tables["protocols"]
    columns = ("digest", "name", "body", "created_at")
    row = ("d", "n", {"a": [1, "ü\0"]}, 1.5)
    with database.write() as session:
        insert_rows(session, table, columns, [])
        insert_rows(session, table, columns, [row])
    with pytest.raises(IntegrityError), database.write() as session:
        insert_rows(session, table, columns, [("e", "m", {}, 1.0), row])
    with database.read() as session:
        rows = session.execute(select(*(table.columns[name] for name in columns))).all()
        assert [tuple(found) for found in rows] == [row]


def test_thousands_of_keys_are_one_parameter(database: Database) -> None:
    with database.write() as session:
        make_model(session, 'it\'s "a"')
        names = [f"m{n}" for n in range(40_000)]
        for values, count in ((names, 0), ([*names, 'it\'s "a"'], 1), ([], 0)):
            query = select(func.count()).where(among(session, ModelRow.name, values))
            assert session.scalar(query) == count
