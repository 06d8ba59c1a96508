"""References: what was frozen comes back to the last bit, and versions are added."""

import numpy as np
import pytest
from sqlalchemy import text

from app.dna.nulls import of_standings
from app.dna.protocol import Protocol
from app.dna.reference import Reference, is_due
from app.store import protocols, references
from app.store.database import Database
from tests.store.making import answers_protocol


def frozen(protocol: Protocol, version: int) -> Reference:
    rng = np.random.default_rng(version)
    return Reference(
        protocol.digest,
        version,
        n_models=30 * version,
        mean=rng.normal(size=protocol.shape).astype(np.float32),
        cohort=(1, 4, 2**40),
        families=("", "acme", "wölf \N{SNOWMAN}"),
        null=of_standings(rng.normal(size=1000)),
    )


def test_the_newest_version_is_the_reference(database: Database) -> None:
    with database.write() as session:
        mine = protocols.ensure(session, answers_protocol("mine"))
        other = protocols.ensure(session, answers_protocol("other"))
        nothing = references.latest(session, mine)
        assert (nothing.version, nothing.cohort, nothing.null) == (0, (), None)
        assert not nothing.mean.any()
        assert references.latest_version(session, mine.digest) == 0
        for version in (1, 2):
            added = frozen(mine, version)
            references.add(session, added)
    with database.read() as session:
        latest = references.latest(session, mine)
        assert references.latest_version(session, mine.digest) == latest.version == 2
        assert references.latest(session, other).version == 0
    assert (latest.protocol_digest, latest.n_models) == (mine.digest, 60)
    assert (latest.mean.dtype, latest.mean.tobytes()) == (added.mean.dtype, added.mean.tobytes())
    assert (latest.cohort, latest.families) == (added.cohort, added.families)
    assert latest.null is not None
    assert added.null is not None
    assert latest.null.quantiles.tobytes() == added.null.quantiles.tobytes()


def test_a_null_that_could_not_be_taken_is_none(database: Database) -> None:
    with database.write() as session:
        mine = protocols.ensure(session, answers_protocol("mine"))
        mean = np.zeros(mine.shape, dtype=np.float32)
        references.add(session, Reference(mine.digest, 1, 30, mean, (1, 2), ("a", "a")))
    with database.read() as session:
        latest = references.latest(session, mine)
    assert (latest.null, latest.cohort) == (None, (1, 2))
    assert not is_due(latest, 30)


def test_one_that_was_written_before_there_were_nulls_is_read_and_due(database: Database) -> None:
    """A row as revision 0002 wrote it and 0003 found it."""
    with database.write() as session:
        mine = protocols.ensure(session, answers_protocol("mine"))
        mean = np.ones(mine.shape, dtype="<f4")
        session.execute(
            text(
                'INSERT INTO "references" (protocol_digest, version, n_models, mean, created_at) '
                "VALUES (:digest, 3, 40, :mean, 1)"
            ),
            {"digest": mine.digest, "mean": mean.tobytes()},
        )
    with database.read() as session:
        latest = references.latest(session, mine)
    assert (latest.version, latest.n_models) == (3, 40)
    assert (latest.cohort, latest.families, latest.null) == ((), (), None)
    assert np.array_equal(latest.mean, mean)
    assert is_due(latest, 40)


def test_a_version_is_written_once(database: Database) -> None:
    with database.write() as session:
        mine = protocols.ensure(session, answers_protocol("mine"))
        references.add(session, frozen(mine, 1))
    with pytest.raises(Exception, match=r"(?i)unique"), database.write() as session:
        references.add(session, frozen(mine, 1))
