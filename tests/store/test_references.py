import numpy as np

from app.dna.reference import Reference
from app.store import protocols, references
from app.store.database import Database
from tests.store.making import answers_protocol


def test_the_newest_version_is_the_reference(database: Database) -> None:
    rng = np.random.default_rng(2)
    with database.write() as session:
        mine = protocols.ensure(session, answers_protocol("mine"))
        other = protocols.ensure(session, answers_protocol("other"))
        assert references.latest(session, mine).version == 0
        assert not references.latest(session, mine).mean.any()
        assert references.latest_version(session, mine.digest) == 0
        for version in (1, 2):
            mean = rng.normal(size=mine.shape).astype(np.float32)
            references.add(session, Reference(mine.digest, version, 30 * version, mean))
    with database.read() as session:
        latest = references.latest(session, mine)
        assert references.latest_version(session, mine.digest) == latest.version == 2
        assert references.latest(session, other).version == 0
    assert (latest.protocol_digest, latest.n_models) == (mine.digest, 60)
    assert (latest.mean.dtype, latest.mean.tobytes()) == (mean.dtype, mean.tobytes())
