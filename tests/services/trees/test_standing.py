"""The standing tree: grown by a job, read with all that came since, grown again when stale."""

from collections.abc import Iterator

import numpy as np
import pytest

from app.errors import ConflictError, InputError
from app.phylo.paths import tip_distances
from app.phylo.splits import clades
from app.records import Claim, EntryRecord
from app.services.trees import growing_standing
from app.services.trees import trees as trees_of
from app.services.trees.growing_standing import grow_standing, submit, submit_due
from app.services.trees.growth import Growth
from app.services.trees.model_tree import ModelTree
from app.services.trees.trees import Trees
from app.store import entries, jobs, models, protocols, schema, withdrawals
from app.store.database import Database
from tests import planted
from tests.services.trees.growing import LABELS, OF, STRANDS, grow, plant, small_trees
from tests.store.making import add_strands, make_model

OLD = range(36)


def read(database: Database, trees: Trees, growth: Growth = Growth()) -> ModelTree:  # noqa: B008
    with database.read() as session:
        return trees.of(session, protocols.get(session, planted.ANSWERS.digest), (), growth)


def together(built: ModelTree, family: int) -> bool:
    """Whether a family is a clade."""
    members = {label for label, of in zip(LABELS, OF, strict=True) if of == family}
    shown = members & set(built.tree.labels)
    named = [{built.tree.labels[tip] for tip in clade} for clade in clades(built.tree)]
    return shown in named or set(built.tree.labels) - shown in named


def test_a_large_tree_waits_for_its_job(database: Database) -> None:
    plant(database, OLD)
    trees = small_trees()
    with pytest.raises(ConflictError, match="no_standing_tree"):
        read(database, trees)
    grown = grow(database)
    built = read(database, trees)
    assert built.standing is not None
    assert (built.standing.version, built.placed) == (1, frozenset())
    assert 0 < grown.facts["usual_error"] < 1
    assert not built.standing.stale
    assert built.standing.grown_at > 1e9
    assert sorted(built.tree.labels) == sorted(LABELS[number] for number in OLD)
    assert all(together(built, family) for family in range(6))
    assert built.grown.replicates == 100
    assert built.tree.support is not None
    assert np.nanmax(built.tree.support) > 0.9
    assert {"bootstrap", "transfer"} <= set(built.annotated.branches)
    assert built.grown.kind == grown.facts["kind"]


def test_what_was_withdrawn_is_cut_off_until_it_is_back(sqlite_registry: Database) -> None:
    added = plant(sqlite_registry, OLD)
    with sqlite_registry.write() as session:
        withdrawals.withdraw(session, added[5].model_id, "forged")
    grow(sqlite_registry)
    added += plant(sqlite_registry, [36, 37])
    trees, other = small_trees(), small_trees()
    before = read(sqlite_registry, trees)
    with sqlite_registry.write() as session:
        for number in (1, 36):
            withdrawals.withdraw(session, added[number].model_id, "forged")
    for built in (read(sqlite_registry, trees), read(sqlite_registry, other)):
        left = set(LABELS[:38]) - {LABELS[number] for number in (1, 5, 36)}
        assert sorted(built.tree.labels) == sorted(left)
        assert {built.tree.labels[tip] for tip in built.placed} == {LABELS[37]}
        assert set(built.annotated.branches) == set(before.annotated.branches)
        paths = [tip_distances(one.tree) for one in (before, built)]
        places = [one.tree.labels.index(LABELS[0]) for one in (before, built)]
        others = [one.tree.labels.index(LABELS[2]) for one in (before, built)]
        far = [float(path[a, b]) for path, a, b in zip(paths, places, others, strict=True)]
        assert far[0] == pytest.approx(far[1])
    with sqlite_registry.write() as session:
        for number in (1, 5):
            withdrawals.reinstate(session, added[number].model_id)
        make_model(session, "copy", added[2].model_digest)
    built = read(sqlite_registry, trees)
    assert {built.tree.labels[tip] for tip in built.placed} == {LABELS[5], LABELS[37]}
    assert LABELS[1] in built.tree.labels
    with sqlite_registry.write() as session:
        withdrawals.withdraw(session, added[2].model_id, "forged")
    again = read(sqlite_registry, trees).tree.labels
    assert set(built.tree.labels) - set(again) == {LABELS[2]}
    assert "copy" in again


def test_what_came_later_is_placed_with_its_family(database: Database) -> None:
    plant(database, OLD)
    grow(database)
    trees = small_trees()
    before = read(database, trees)
    plant(database, range(36, 42))
    built = read(database, trees)
    assert sorted(built.tree.labels) == sorted(LABELS)
    placed = {built.tree.labels[tip] for tip in built.placed}
    assert placed == set(LABELS[36:])
    assert built.standing is not None
    assert built.standing.stale, "a seventh was placed"
    assert all(together(built, family) for family in range(6))
    assert read(database, trees).tree is not before.tree
    # What stood keeps its place: placed tips only divide branches.
    kept = [built.tree.labels.index(label) for label in before.tree.labels]
    np.testing.assert_allclose(
        tip_distances(built.tree)[np.ix_(kept, kept)], tip_distances(before.tree), atol=1e-9
    )
    rooted = read(database, trees, Growth(rooting="minimum_variance"))
    assert rooted.tree.rooting == "minimum_variance"
    assert rooted.tree.support is not None
    assert np.nanmax(rooted.tree.support) > 0.9


def test_what_is_said_of_its_tips_is_kept_until_a_tip_is_new(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(sqlite_url)
    schema.upgrade(database)
    plant(database, OLD)
    grow(database)
    trees = small_trees()
    facts = read(database, trees).facts
    tip = facts.models[0][0]
    with database.write() as session:
        models.add_claims(session, tip.id, [Claim("released", "2024-05", "card")])
    assert read(database, trees).facts is facts
    plant(database, range(36, 37))
    new = read(database, trees).facts
    assert (len(new.models), "2024-05" in new.released) == (37, True)
    monkeypatch.setattr(trees_of, "TOLD_S", 0.0)
    plant(database, range(37, 38))
    assert read(database, trees).facts is not read(database, trees).facts
    database.close()


def test_it_stands_with_one_kind_of_distance(database: Database) -> None:
    plant(database, OLD)
    grow(database)
    trees = small_trees()
    assert read(database, trees, Growth(distance="log_rank")).grown.kind == "log_rank"
    with pytest.raises(InputError, match=r"bad_distance: .* log_rank distances only"):
        read(database, trees, Growth(distance="angular"))


def test_another_process_sees_the_same(database: Database) -> None:
    plant(database, OLD)
    grow(database)
    plant(database, range(36, 42))
    one, other = read(database, small_trees()), read(database, small_trees())
    np.testing.assert_array_equal(one.tree.parents, other.tree.parents)
    np.testing.assert_array_equal(one.tree.lengths, other.tree.lengths)


def test_a_copy_of_a_tip_hangs_from_it(database: Database) -> None:
    plant(database, OLD)
    grow(database)
    add_strands(database, planted.ANSWERS, STRANDS[4:5], ["the same again"])
    built = read(database, small_trees())
    paths = tip_distances(built.tree)
    same = [built.tree.labels.index(label) for label in (LABELS[4], "the same again")]
    assert paths[same[0], same[1]] == pytest.approx(built.tree.lengths[same[0]], abs=1e-9)


def test_a_tree_is_due_when_there_is_none_and_when_it_is_stale(database: Database) -> None:
    plant(database, range(18))
    assert submit_due(database, at_once=18) == [], "small trees are grown when they are asked for"
    [job] = submit_due(database, at_once=17)
    assert (job.kind, job.model_id, job.options) == ("tree", None, {"version": 1})
    assert submit_due(database, at_once=17) == [], "it waits already"
    grow(database)
    assert submit_due(database, at_once=17) == []
    plant(database, range(18, 42))
    [job] = submit_due(database, at_once=17)
    assert job.options == {"version": 2}
    assert grow(database).version == 2
    assert submit_due(database, at_once=17) == []


def test_one_model_is_no_tree(database: Database) -> None:
    plant(database, range(1))
    with database.write() as session, pytest.raises(InputError, match="too_few_tips"):
        submit(session, protocols.get(session, planted.ANSWERS.digest))


@pytest.mark.parametrize("square", [1, 5, 36, 1000])
def test_squares_of_any_size_give_the_tree_of_all_distances(
    sqlite_registry: Database, monkeypatch: pytest.MonkeyPatch, square: int
) -> None:
    monkeypatch.setattr(growing_standing, "SQUARE", square)
    plant(sqlite_registry, OLD)
    grown = grow(sqlite_registry)
    at_once = read(sqlite_registry, small_trees(at_once=100), Growth(replicates=0))
    seqs = [str(entry.seq) for entry in every_entry(sqlite_registry)]
    assert grown.tree.labels == tuple(seqs)
    np.testing.assert_allclose(tip_distances(grown.tree), tip_distances(at_once.tree), atol=1e-5)


def every_entry(database: Database) -> list[EntryRecord]:
    with database.read() as session:
        return entries.oldest(session, protocols.get(session, planted.ANSWERS.digest))


def test_by_parts_models_of_a_family_stay_together(
    sqlite_registry: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growing_standing, "MOST_EXACT", 20)
    plant(sqlite_registry, OLD)
    grow(sqlite_registry)
    built = read(sqlite_registry, small_trees())
    assert sorted(built.tree.labels) == sorted(LABELS[number] for number in OLD)
    assert all(together(built, family) for family in range(6))


@pytest.fixture
def sqlite_registry(sqlite_url: str) -> Iterator[Database]:
    """An empty registry where the kind of database makes no difference."""
    opened = Database(sqlite_url)
    schema.upgrade(opened)
    yield opened
    opened.close()


def test_progress_may_end_it(database: Database) -> None:
    plant(database, OLD)
    with database.write() as session:
        submit(session, protocols.get(session, planted.ANSWERS.digest))
        job = jobs.claim(session, "test", 60.0)
    assert job is not None
    stages: list[str] = []

    def progress(stage: str, done: int, total: int) -> None:
        assert 0 <= done <= total
        stages.append(stage)
        if stage == "join":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grow_standing(database, job, progress)
    assert stages[0] == "read"
    assert stages[-1] == "join"
