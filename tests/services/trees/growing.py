"""Registries for tests of trees: made-up models of some families."""

from collections.abc import Sequence

import numpy as np

from app.records import EntryRecord
from app.search.candidates import Candidates
from app.services.freezing import refresh_references
from app.services.trees.growing_standing import grow_standing, submit
from app.services.trees.trees import Trees
from app.store import jobs, protocols, trees
from app.store.database import Database
from app.store.trees import StandingTree
from tests import planted
from tests.store.making import add_strands

# Six families of seven: 42 models, enough for a reference.
OF = planted.families(6, 7)
LABELS = [f"m{number} of {family}" for number, family in enumerate(OF)]
STRANDS = planted.answers(np.random.default_rng(3), OF, kinship=0.8)


def plant(database: Database, chosen: Sequence[int] = range(len(OF))) -> list[EntryRecord]:
    """Add some of the models, with their families as declared bases, and freeze the reference."""
    added = add_strands(
        database,
        planted.ANSWERS,
        STRANDS[list(chosen)],
        [LABELS[number] for number in chosen],
        [f"family {OF[number]}" for number in chosen],
    )
    refresh_references(database)
    return added


def grow(database: Database, protocol_name: str = planted.ANSWERS.name) -> StandingTree:
    """Do the job that grows the standing tree, as a worker does."""
    with database.write() as session:
        protocol = protocols.get(session, protocol_name)
        asked, _ = submit(session, protocol)
    with database.write() as session:
        job = jobs.claim(session, "test", 60.0)
    assert job is not None
    assert job.id == asked.id
    grown = grow_standing(database, job, lambda *_: None)
    with database.write() as session:
        jobs.succeed(session, job)
        trees.add(session, grown, trees.packed(grown))
    return grown


def small_trees(at_once: int = 10) -> Trees:
    """Trees of which all but small ones are standing."""
    return Trees(Candidates(), at_once)
