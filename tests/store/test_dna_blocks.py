"""Blocks: all DNA, in order, of one protocol, on both databases."""

import numpy as np
import pytest
from sqlalchemy import select

from app.dna.protocol import reported_vectors
from app.store import dna_blocks as blocks
from app.store.copying import copied
from app.store.database import Database, beside
from app.store.rows import DnaRow, EntryRow
from tests.store.making import add_vectors

WIDTH = 3
MINE, OTHER = reported_vectors("mine", WIDTH), reported_vectors("other", WIDTH)


@pytest.fixture
def filled(database: Database) -> Database:
    """Ten entries of one protocol with three of another between them."""
    rows = np.arange(30.0).reshape(10, WIDTH) + 1
    add_vectors(database, MINE, rows[:4])
    add_vectors(database, OTHER, rows[:3], "b")
    add_vectors(database, MINE, rows[4:], "c")
    return database


@pytest.mark.parametrize("span", [1, 3, 100])
@pytest.mark.parametrize(("after", "last"), [(0, 13), (2, 9), (7, 7), (4, 7), (12, 99)])
def test_blocks_hold_all_that_lies_between(
    filled: Database, monkeypatch: pytest.MonkeyPatch, span: int, after: int, last: int
) -> None:
    monkeypatch.setattr(blocks, "SPAN", span)
    numbers = [seq for seq in (1, 2, 3, 4, 8, 9, 10, 11, 12, 13) if after < seq <= last]
    with filled.read() as session:
        found = list(blocks.dna_blocks(session, MINE.digest, WIDTH, after, last))
        assert blocks.count_between(session, MINE.digest, after, last) == len(numbers)
    assert [seq for seqs, _ in found for seq in seqs.tolist()] == numbers
    assert all(len(seqs) == len(dna) for seqs, dna in found)
    for seqs, dna in found:
        assert dna.dtype == np.float32
        row = np.where(seqs > 4, seqs - 3, seqs) - 1
        assert dna.tolist() == (np.arange(30.0).reshape(10, WIDTH) + 1)[row].tolist()


def test_a_sample_is_evenly_spread(filled: Database) -> None:
    with filled.read() as session:
        found = blocks.dna_blocks(session, MINE.digest, WIDTH, 0, 13, every=4)
        assert [seqs.tolist() for seqs, _ in found] == [[4, 8, 12]]


def test_rows_of_another_length_are_refused(filled: Database) -> None:
    with filled.read() as session, pytest.raises(ValueError, match="bytes"):
        list(blocks.dna_blocks(session, MINE.digest, WIDTH + 1, 0, 13))
    row = np.dtype([("body", "<f4", (WIDTH,)), ("seq", np.int64)])
    query = select(DnaRow.body, EntryRow.seq).join(EntryRow, DnaRow.entry_id == EntryRow.id)
    with filled.read() as session:
        rows = copied(session, query.where(EntryRow.protocol_digest.in_(["o'dd %s", "x"])), row)
        assert len(rows) == 0
        assert sorted(copied(session, query, row)["seq"].tolist()) == list(range(1, 14))


def test_the_head_and_ids_of_numbers(filled: Database) -> None:
    with filled.read() as session:
        assert blocks.head(session, MINE.digest) == blocks.Head(0, 13, b"")
        assert blocks.head(session, "unknown") == blocks.Head(0, 0, b"")
        assert blocks.id_of(session, 99) is None
        first = blocks.id_of(session, 1)
        with beside(session)() as other:
            assert blocks.id_of(other, 1) == first is not None
