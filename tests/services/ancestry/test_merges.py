"""Merges among relatives: parents that may be, originals before their copies, reasons both ways."""

import numpy as np
import pytest

from app.lineage.dates import Dated
from app.records import ModelRecord, ModelRef
from app.services.ancestry.chronology import Chronology
from app.services.ancestry.declarations import Declarations
from app.services.ancestry.gathering import Kin
from app.services.ancestry.likeness import Likeness
from app.services.ancestry.merges import Mixes, find_mixes, merge_reasons
from app.services.ancestry.relations import COPY
from app.store import models
from app.store.database import Database

NAMES = ("one", "copy of one", "two", "mix")


def likeness() -> Likeness:
    """Of two models, a near-copy of the first that fits the mix a little better, and the mix."""
    rng = np.random.default_rng(5)
    base, a, b, c = rng.standard_normal((4, 2000))
    one, two = base + 0.8 * a, base + 0.8 * b
    copy = one + 0.02 * c
    rows = np.array([one, copy, two, copy + two])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return Likeness(rows @ rows.T, {name: place for place, name in enumerate(NAMES)})


def kin(database: Database, released: dict[str, str]) -> dict[str, Kin]:
    found = {}
    with database.write() as session:
        for name in NAMES:
            model: ModelRecord = models.register(session, ModelRef("import", name, "0" * 16))
            model = models.set_content(session, model.id, name, {})
            dates = (Dated(released[name], "hub"),) if name in released else ()
            found[name] = Kin(model, (), COPY, dates)
    return found


def mixes(database: Database, members: dict[str, Kin]) -> Mixes:
    everyone = list(members.values())
    with database.read() as session:
        chronology = Chronology(everyone, _known(Declarations(session), everyone))
        return find_mixes(everyone, likeness(), chronology)


def _known(declarations: Declarations, everyone: list[Kin]) -> Declarations:
    declarations.read(one.model for one in everyone)
    return declarations


def names(found: Mixes) -> dict[str, set[str]]:
    return {
        child.model.name: {one.model.name for one in parents} for child, parents in found.items()
    }


def test_a_mix_is_of_the_original_where_dates_tell_it(database: Database) -> None:
    assert names(mixes(database, kin(database, {}))) == {"mix": {"copy of one", "two"}}
    dated = kin(database, {"one": "2024-01", "copy of one": "2024-02"})
    assert names(mixes(database, dated)) == {"mix": {"one", "two"}}


def test_who_came_later_is_no_parent(database: Database) -> None:
    late = kin(database, {"mix": "2024-01", "two": "2024-02"})
    assert names(mixes(database, late)) == {}


def test_reasons_point_both_ways_and_tell_the_shares(database: Database) -> None:
    members = kin(database, {})
    found = mixes(database, members)
    for parent, reasons in merge_reasons(members["mix"], found).items():
        [reason] = reasons
        assert (reason.kind, reason.side) == ("merge_of", "ancestor")
        assert "mix behaves as a mix of it (50%) and" in reason.detail
        assert parent.model.name in ("copy of one", "two")
    [(child, [reason])] = merge_reasons(members["two"], found).items()
    assert child is members["mix"]
    assert (reason.kind, reason.side) == ("merged_into", "descendant")
    assert reason.detail == "it behaves as a mix of two (50%) and copy of one"
    assert merge_reasons(members["one"], found) == {}
    shares = found[members["mix"]].values()
    assert sum(shares) == pytest.approx(1)
