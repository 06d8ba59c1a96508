"""Standing trees: versions are added, none is changed, and only the newest is kept."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.phylo.tree import Tree
from app.store.rows import TreeRow


@dataclass(frozen=True, eq=False)
class StandingTree:
    """The tree of all entries of a protocol up to `last_seq`, as a job grew it.

    The label of a tip is the number (`seq`) of its entry. `branches` are columns beside the
    tree's nodes, (nodes,) each; `facts` say how it was grown. A version that is not stored yet
    was made at 0.
    """

    protocol_digest: str
    version: int
    reference_version: int
    last_seq: int
    tree: Tree
    branches: Mapping[str, npt.NDArray[np.float64]]
    facts: Mapping[str, Any]
    created_at: float = 0.0


# Columns of branches are kept beside the arrays of the tree.
_COLUMN = "branch "


def latest(session: Session, protocol_digest: str) -> StandingTree | None:
    """The standing tree of a protocol, None where none was grown."""
    row = session.scalar(
        select(TreeRow)
        .where(TreeRow.protocol_digest == protocol_digest)
        .order_by(TreeRow.version.desc())
        .limit(1)
    )
    return None if row is None else _record(row)


def latest_version(session: Session, protocol_digest: str) -> int:
    """The newest version's number, 0 when there is none: cheap, to see whether it moved."""
    query = select(func.max(TreeRow.version))
    return session.scalar(query.where(TreeRow.protocol_digest == protocol_digest)) or 0


def latest_last_seq(session: Session, protocol_digest: str) -> int:
    """Up to which number entries were there for the newest version, 0 when there is none."""
    query = select(TreeRow.last_seq).where(TreeRow.protocol_digest == protocol_digest)
    return session.scalar(query.order_by(TreeRow.version.desc()).limit(1)) or 0


def add(session: Session, standing: StandingTree, body: bytes) -> None:
    """Add a version, `body` being what `packed` made of it, and forget those before it: a tree
    can be grown again from the entries.
    """
    session.add(
        TreeRow(
            protocol_digest=standing.protocol_digest,
            version=standing.version,
            reference_version=standing.reference_version,
            last_seq=standing.last_seq,
            n_tips=standing.tree.n_tips,
            facts=dict(standing.facts),
            body=body,
        )
    )
    session.flush()
    session.execute(
        delete(TreeRow).where(
            TreeRow.protocol_digest == standing.protocol_digest,
            TreeRow.version < standing.version,
        )
    )


def packed(standing: StandingTree) -> bytes:
    """The arrays as a compressed npz, without labels: tips are known by their numbers.

    Takes seconds for a million tips, so it is not done in a transaction that writes.
    """
    tree = standing.tree
    arrays: dict[str, Any] = {
        "seqs": np.array([int(label) for label in tree.labels], dtype=np.int64),
        "parents": tree.parents,
        "lengths": tree.lengths,
        "rooting": np.array(tree.rooting),
    }
    if tree.support is not None:
        arrays["support"] = tree.support
    arrays |= {_COLUMN + name: column for name, column in standing.branches.items()}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _record(row: TreeRow) -> StandingTree:
    with np.load(io.BytesIO(row.body), allow_pickle=False) as arrays:
        tree = Tree(
            labels=tuple(map(str, arrays["seqs"].tolist())),
            parents=arrays["parents"],
            lengths=arrays["lengths"],
            support=arrays.get("support"),
            rooting=str(arrays["rooting"]),
        )
        branches = {
            name.removeprefix(_COLUMN): arrays[name] for name in arrays if name.startswith(_COLUMN)
        }
    return StandingTree(
        protocol_digest=row.protocol_digest,
        version=row.version,
        reference_version=row.reference_version,
        last_seq=row.last_seq,
        tree=tree,
        branches=branches,
        facts=row.facts,
        created_at=row.created_at,
    )
