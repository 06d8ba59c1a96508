"""What refers to something refers to something that is there."""

from collections.abc import Iterator

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.dna.protocol import Protocol
from app.store import trees
from app.store.rows import ClaimRow, EntryRow, ModelRow, ReferenceRow, Row, TreeRow

# More parameters than this no database takes in one statement.
SLICE = 10_000


def dangling(session: Session) -> Iterator[str]:
    """Rows of any table whose foreign key leads nowhere: claims without a model among them."""
    for table in Row.metadata.sorted_tables:
        for key in table.foreign_keys:
            target = key.column
            query = (
                select(key.parent, func.count())
                .select_from(table.outerjoin(target.table, key.parent == target))
                .where(key.parent.is_not(None), target.is_(None))
                .group_by(key.parent)
            )
            for value, count in session.execute(query.execution_options(yield_per=1000)):
                yield f"{value}: {count} rows of {table.name} name it, and it is not there"


def mend_claims(session: Session) -> int:
    """Delete claims about models that are not there: nobody can ever see them."""
    orphans = delete(ClaimRow).where(ClaimRow.model_id.not_in(select(ModelRow.id)))
    return len(session.scalars(orphans.returning(ClaimRow.model_id)).all())


def cohorts(session: Session, protocol: Protocol) -> Iterator[str]:
    """References of a protocol whose cohort names entries that are not there."""
    rows = session.execute(
        select(ReferenceRow.version, ReferenceRow.cohort).where(
            ReferenceRow.protocol_digest == protocol.digest
        )
    )
    for version, cohort in rows:
        lacks = set(cohort) - _there(session, protocol, cohort)
        if lacks:
            yield f"version {version} of {protocol.name}: no entry has number {min(lacks)}"


def standing(session: Session, protocol: Protocol) -> Iterator[str]:
    """The standing tree of a protocol, if its tips are not the entries up to its last number."""
    tree = trees.latest(session, protocol.digest)
    if tree is None:
        return
    tips = [int(label) for label in tree.tree.labels]
    known = _there(session, protocol, tips)
    if len(known) < len(tips):
        yield f"tree of {protocol.name}: no entry has number {min(set(tips) - known)}"
    if tips and max(tips) > tree.last_seq:
        yield f"tree of {protocol.name}: it goes to {tree.last_seq} and has tip {max(tips)}"
    if session.get_one(TreeRow, (protocol.digest, tree.version)).n_tips != len(tips):
        yield f"tree of {protocol.name}: it does not have as many tips as it says"


def mend_standing(session: Session, protocol: Protocol) -> int:
    """Forget the standing tree of a protocol: a job grows it again."""
    gone = delete(TreeRow).where(TreeRow.protocol_digest == protocol.digest)
    return len(session.scalars(gone.returning(TreeRow.version)).all())


def _there(session: Session, protocol: Protocol, seqs: list[int]) -> set[int]:
    """Those of some numbers that entries of a protocol have."""
    found: set[int] = set()
    for start in range(0, len(seqs), SLICE):
        query = select(EntryRow.seq).where(
            EntryRow.protocol_digest == protocol.digest,
            EntryRow.seq.in_(seqs[start : start + SLICE]),
        )
        found.update(session.scalars(query))
    return found
